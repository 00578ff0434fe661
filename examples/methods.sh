#!/usr/bin/env bash
# Every method of `nadir train` and both of `nadir certify`, one line each, and the verifier on every model.
# Exit code 4 says: finished, the gap asked for is not proved.
source "$(dirname "$0")/paths.sh"
sums=$here/sums.csv  # y = max(0, a + b - c/2) + max(0, b - a)

run() {  # NAME DATA: trains, and checks what is claimed
  local name=$1 table=$2
  shift 2
  echo "== $name"
  nadir train "$table" --quiet --out "$name.nadir" "$@" || test $? = 4
  nadir-verify "$name.nadir" "$table" | tail -2
}
run spectral "$data/iris.csv" --target class --method spectral --model given --hidden 3
run gated "$data/haberman.csv" --target class --method gated --path 10
run relu "$data/haberman.csv" --target class --method relu --lambda-ratio 0.3
run ball "$data/haberman.csv" --target class --method relu --radius 0.5
run linear "$sums" --target y --method linear --hidden 2
run planted "$sums" --target y --method planted --neurons 2
run particle "$sums" --target y --method particle --lambda 0.05 --particles 40
run squares "$data/haberman.csv" --target class --method relu --power 2 --lambda-ratio 0.1
run kernel "$data/haberman.csv" --target class --method kernel --power 1

run random_units "$data/haberman.csv" --target class --method kernel --random-units 200
echo "== reduce"
nadir reduce particle.nadir "$sums" --out reduced.nadir
nadir-verify reduced.nadir "$sums" | tail -1

echo "== factorize"
nadir factorize "$sums" --norms l1,l2 --non-negative right --quiet --out parts.nadir
nadir-verify parts.nadir "$sums" | tail -1

echo "== certify"
nadir export linear.nadir --to linear.safetensors
nadir certify linear.safetensors "$sums" --target y --method linear --scale standard --target-scale standard --quiet \
  --out judged.nadir || test $? = 4
nadir-verify judged.nadir "$sums" | tail -2
nadir certify "$here/haberman_torch.onnx" "$here/haberman_scaled.csv" --target class --loss logistic --lambda 0.03 --quiet \
  --out torch.nadir || test $? = 4
nadir-verify torch.nadir "$here/haberman_scaled.csv" | tail -2
