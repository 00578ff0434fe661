#!/usr/bin/env bash
# Lambda is chosen among --path values by --folds parts; --rule best takes the best one in place of the largest that is
# within a standard error of it. Or give it, as it is or as a share of the largest useful one.
source "$(dirname "$0")/paths.sh"
nadir train "$data/haberman.csv" --target class --method gated --path 10 --folds 5 --rule best --out best.nadir
nadir train "$data/haberman.csv" --target class --method gated --lambda-ratio 0.1 --out tenth.nadir
nadir train "$data/haberman.csv" --target class --method gated --lambda 0.05 --json --out given.nadir >given.json
