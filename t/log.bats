#!/usr/bin/env bats
# The log under producers that are killed all the time.
load helper

@test "what a killed producer was told is stored is there once, in order" {
  mkdir topic
  run -0 "$helpers/logstress" topic 3 8
  [[ $output == *", 0 wrong" ]]
}

@test "control pages that vanish, are cut or grow old under producers cost nothing" {
  mkdir topic
  run -0 "$helpers/logstress" topic 3 8 pages
  [[ $output == *", 0 wrong" ]]
}
