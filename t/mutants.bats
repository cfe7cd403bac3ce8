#!/usr/bin/env bats
# Promise: each mistake of t/mutants can still be made, so that `make mutants`
# can see it found.

load helper

@test "each mutant applies to the sources, and names its harness" {
  skip_without patch
  cp -a "$repository/lib" "$repository/cmd" .
  for patch in "$repository"/t/mutants/*.patch; do
    grep -q '^Mistake: .' "$patch"
    grep -q '^Caught-by: .' "$patch"
    run -0 patch -p1 --dry-run --fuzz=0 -i "$patch"
  done
}
