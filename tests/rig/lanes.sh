# shellcheck shell=bash
# Stages and lanes of tests/run; sourced, never run. A stage is a step that has to succeed before the next one begins. A
# lane is a run of tests beside other lanes; all lanes run to their end, so that one run tells everything.
#
# Files of a lane, below $LOGS: LANE.log is what it printed, LANE.times has `MILLISECONDS TEST` for each test, LANE.status
# its exit status.

LOGS=$PWD/target/tests
mkdir -p "$LOGS"
rm -f "$LOGS"/*
LANES=()
LANE_GROUPS=()

milliseconds() { local now=${EPOCHREALTIME/[.,]/}; echo $((now / 1000)); }
spent() { printf '%d:%02d min' $(($1 / 60)) $(($1 % 60)); }

# stage TITLE COMMAND…: ends the run when the command fails.
stage() {
    local title=$1 since=$SECONDS
    shift
    echo "== $title"
    if ! "$@" </dev/null; then
        echo "== $title: failed after $(spent $((SECONDS - since)))" >&2
        exit 1
    fi
    echo "   took $(spent $((SECONDS - since)))"
}

# lane NAME COMMAND…: starts the tests of a lane. With LANE_SHOWN=1 what they print is printed here too.
lane() {
    local name=$1
    shift
    echo "== testing: $name ($*)"
    LANES+=("$name")
    # A process group of its own: whoever ends the run ends the lanes with it.
    set -m
    follow "$name" "$@" &
    set +m
    LANE_GROUPS+=("$!")
}
stop_lanes() {
    local group
    for group in "${LANE_GROUPS[@]}"; do kill -TERM -- "-$group" 2>/dev/null || true; done
}

# follow NAME COMMAND…: runs it, and writes down when each line of a test came. With one test at a time, as in lanes, the
# time between two such lines is the time of the later test.
follow() {
    local name=$1 since before now line status=0
    shift
    since=$SECONDS before=$(milliseconds)
    : >"$LOGS/$name.times"
    { "$@" </dev/null 2>&1 && echo 0 >"$LOGS/$name.status" || echo $? >"$LOGS/$name.status"; } | while IFS= read -r line || [ -n "$line" ]; do
        printf '%s\n' "$line" >&3
        if [ -n "${LANE_SHOWN:-}" ]; then printf '%s\n' "$line"; fi
        case $line in
            'running '*' test'*) before=$(milliseconds) ;;
            'test '*' ... '*)
                now=$(milliseconds)
                line=${line#test }
                printf '%d %s: %s\n' $((now - before)) "$name" "${line%% ... *}" >>"$LOGS/$name.times"
                before=$now
                ;;
        esac
    done 3>"$LOGS/$name.log" || status=$?
    [ -s "$LOGS/$name.status" ] || echo "$status" >"$LOGS/$name.status"
    echo "   $name took $(spent $((SECONDS - since))): $(counted "$name" passed) passed, $(counted "$name" failed) failed"
}

# offline: every test that needs no cluster: test programs, the library's own tests, those in its documentation, and what
# is in no release's lane.
offline() {
    local status=0 program programs=() others=()
    for program in tests/*.rs tests/*/main.rs; do
        program=${program%/main.rs} program=${program%.rs} program=${program#tests/}
        case $program in live | kubernetes) ;; *) programs+=(--test "$program") ;; esac
    done
    for program in $releases; do others+=(--skip "on_${program/./_}"); done
    cargo test --no-fail-fast --lib --bins "${programs[@]}" -- --test-threads 1 || status=$?
    cargo test --test live -- --test-threads 1 "${others[@]}" || status=$?
    cargo test --doc -- --test-threads 1 || status=$?
    return "$status"
}

# counted NAME passed|failed: the sum over the test programs of a lane. A lane that ended otherwise, for it did not compile
# or died, has one failure more.
counted() {
    local log=$LOGS/$1.log sum
    sum=$(sed -nE "s/^test result: .* ([0-9]+) $2;.*/\1/p" "$log" | awk '{ sum += $1 } END { print sum + 0 }')
    if [ "$2" = failed ] && [ "$sum" -eq 0 ] && [ "$(cat "$LOGS/$1.status")" != 0 ]; then sum=1; fi
    echo "$sum"
}

# finish: waits for the lanes, tells what failed and what took long, and ends the run.
finish() {
    local name passed=0 failed=0
    wait
    LANE_GROUPS=()
    for name in "${LANES[@]}"; do
        passed=$((passed + $(counted "$name" passed)))
        failed=$((failed + $(counted "$name" failed)))
        if [ "$(cat "$LOGS/$name.status")" != 0 ]; then failures "$name"; fi
    done
    echo '== the ten slowest tests'
    # Not head: it ends before sort has written all, which would end the run here.
    sort -rn "$LOGS"/*.times | awk 'NR <= 10 { ms = $1; $1 = ""; printf "%8.1f s %s\n", ms / 1000, $0 }'
    echo "== all of it took $(spent $SECONDS); logs are in ${LOGS#"$PWD"/}"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}

# failures NAME: the texts of the failed tests of a lane, or how it ended when no test says why.
failures() {
    local log=$LOGS/$1.log
    echo "== failed: $1; all of it is in ${log#"$PWD"/}"
    # libtest prints the texts between the first `failures:` and the list of names after the second.
    if grep -q '^failures:$' "$log"; then
        awk '/^failures:$/ { inside = 1; next } /^test result: / { inside = 0 } inside' "$log"
    else
        tail -n 40 "$log"
    fi
}

# versions: of everything that the tests stand on. What a distribution changes below us is seen here first.
versions() {
    local home=${SITEWRIGHT_RIG:-$PWD/target/rig} release root kube
    say() { printf '   %-12s %s\n' "$1" "$(head -n 1 <<<"${2:-unknown}")"; }
    say Debian "$(cat /etc/debian_version) ($(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release))"
    say kernel "$(uname -sr), $(nproc) cores, $(awk '/^MemTotal/ { print int($2 / 1048576) }' /proc/meminfo) GiB of memory"
    say rustc "$(rustc --version)"
    say cargo "$(cargo --version)"
    for release in $releases; do
        root=$home/$release/root
        [ -d "$root" ] || root=/
        say "Slurm $release" "$(chroot "$root" slurmctld -V); $(package "$root" libc6); $(package "$root" mariadb-server); $(package "$root" libmariadb3); $(package "$root" munge)"
    done
    for module in kubernetes etcd/server/v3 kueue kwok; do
        say "${module%%/*}" "$(sed -nE "s|^[[:space:]]*(require )?([^ ]+/$module v[^ ]+).*|\2|p" tests/rig/kubernetes/modules/*/go.mod | sort -u)"
    done
    kube=$(sed -n 's/^KUBECTL=//p' "$home/kubernetes/env")
    say Go "$("$kube" version --client -o json | jq -r '"\(.clientVersion.goVersion), which compiled \(.clientVersion.gitVersion)"')"
}
# package ROOT NAME: name and version of a Debian package in a root.
package() { chroot "$1" dpkg-query -W -f '${Package} ${Version}' "$2" 2>/dev/null || echo "no $2"; }
