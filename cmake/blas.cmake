# OpenBLAS without threads of its own: our rooms split the work, so that the result does not depend on the thread count.
# The static archive is preferred: it chooses its kernels by the processor at run time and leaves no run-time dependency.
find_library(NADIR_OPENBLAS NAMES libopenblas.a openblas
             HINTS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial REQUIRED)
find_path(NADIR_CBLAS_INCLUDE cblas.h HINTS /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial REQUIRED)
add_library(nadir_blas INTERFACE)
target_link_libraries(nadir_blas INTERFACE ${NADIR_OPENBLAS} m)
target_include_directories(nadir_blas SYSTEM INTERFACE ${NADIR_CBLAS_INCLUDE})
