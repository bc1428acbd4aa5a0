# shellcheck shell=bash
# Which processes are the rig's, and how they are stopped; sourced by lib.sh.

# rig_own PID: whether the rig started that process, or a daemon of the rig did. A process that writes its title over its
# environment (slurmstepd) is known by its working folder.
rig_own() {
    grep -zqxF "SITEWRIGHT_RIG_OF=$WORK" "/proc/$1/environ" 2>/dev/null || [[ $(readlink "/proc/$1/cwd" 2>/dev/null) == "$HOST"/* ]]
}

# rig_named PROGRAM [WORD…]: processes of that name inside this release's root whose command line has all the words,
# whoever started them. A container's root is another one.
rig_named() {
    local name=$1 pid word line
    shift
    # Debian's daemons are links to …-wlm, and from 23.11 on a reconfigure runs the program anew under that name.
    for pid in $(grep -lxE "$name(-wlm)?" /proc/[0-9]*/comm 2>/dev/null | cut -d/ -f3); do
        [[ /proc/$pid/root -ef ${ROOT:-/} ]] || continue
        line=" $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)" || continue
        [[ $line != ' ' ]] || continue
        for word in "$@"; do
            [[ $line == *" $word "* ]] || continue 2
        done
        [[ $(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null) != Z ]] || continue
        echo "$pid"
    done
}

# rig_pids PROGRAM [WORD…]: the same, of this rig only. Nothing else is ever stopped.
rig_pids() {
    local pid
    for pid in $(rig_named "$@"); do
        if rig_own "$pid"; then echo "$pid"; fi
    done
}

# rig_foreign PROGRAM: the same, of anybody else.
rig_foreign() {
    local pid
    for pid in $(rig_named "$@"); do
        if ! rig_own "$pid"; then echo "$pid"; fi
    done
}

# A Slurm that somebody uses is no place for a test.
rig_alone() {
    local name pid
    for name in slurmctld slurmdbd slurmd; do
        for pid in $(rig_foreign "$name"); do
            rig_die "a $name runs here that is not the rig's (process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline")): use a machine without Slurm"
        done
    done
}

rig_runs() { [[ -n $(rig_pids "$@") ]]; }
rig_gone() { ! rig_runs "$@"; }
# A daemon that is just going to the background has two processes, and one look may miss both: the first ends, the second
# begins.
rig_ended() { rig_gone "$@" && sleep 0.5 && rig_gone "$@"; }

# rig_stop SECONDS PROGRAM [WORD…]: TERM, then KILL after the seconds; 0 seconds: KILL at once.
rig_stop() {
    local seconds=$1 pids
    shift
    pids=$(rig_pids "$@")
    [[ -n $pids ]] || return 0
    if ((seconds > 0)); then
        # shellcheck disable=SC2086
        kill -TERM $pids 2>/dev/null || true
        rig_wait "$seconds" rig_gone "$@" && return 0
    fi
    # shellcheck disable=SC2046
    kill -KILL $(rig_pids "$@") 2>/dev/null || true
    rig_wait 60 rig_gone "$@" || rig_die "$1 cannot be stopped"
}
