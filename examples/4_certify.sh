#!/usr/bin/env bash
# A network that PyTorch's Adam trained with weight_decay=0.03 (make_torch.py): could more training, or more units, have
# helped? The objective is torch's own, 0.56281; the bound holds for networks of any width.
source "$(dirname "$0")/paths.sh"
nadir certify "$here/haberman_torch.onnx" "$here/haberman_scaled.csv" --target class --loss logistic --lambda 0.03 \
  --improve --out better.nadir || test $? = 4
nadir-verify better.nadir "$here/haberman_scaled.csv"
