# shellcheck shell=bash disable=SC2034
# To be sourced: where the programs and the data are. The examples write into the current folder.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
data=$root/data
PATH=${NADIR_BUILD:-$root/build}:$PATH
