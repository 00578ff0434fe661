#!/usr/bin/env bash
# A second program proves it anew from the data. It refuses other data, and a file with one byte changed.
source "$(dirname "$0")/paths.sh"
nadir-verify patients.nadir "$data/haberman.csv"

sed '2s/^30,/31,/' "$data/haberman.csv" >other.csv
if nadir-verify patients.nadir other.csv; then echo "accepted on other data?" && exit 1; fi

cp patients.nadir forged.nadir
printf '\x2a' | dd of=forged.nadir bs=1 seek=$(($(stat -c %s forged.nadir) / 2)) conv=notrunc status=none
if nadir-verify forged.nadir "$data/haberman.csv"; then echo "a forgery accepted?" && exit 1; fi
