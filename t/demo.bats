# The demo does the main job with crashes on the way, as anybody.
load helper

@test "the demo loses nothing, whoever runs it" {
  local as=
  [ "$(id -u)" -ne 0 ] || as=as_nobody
  chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"
  BUILD=$build TMPDIR=/tmp run -0 $as "$repository/share/demo/demo.sh"
  [[ $output == *"kill -9"*"kill -9"* ]]
  [[ $output =~ lost\ +0 ]]
  [[ $output =~ dead\ +1 ]]
}
