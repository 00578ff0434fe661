#!/usr/bin/env bash
# What the model file holds: the network, the objective at it, a lower bound over all networks, and why the bound holds.
source "$(dirname "$0")/paths.sh"
nadir inspect patients.nadir
