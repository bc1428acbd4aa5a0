# shellcheck shell=bash
# Shared by all scripts of the rig; sourced, never run.
#
# One rig is one release: 22.05 are the host's own Debian bookworm packages; 24.11 and 26.05 are trixie's and forky's in
# folders that are entered with chroot. Nothing else differs, so that hardly anything below asks for the release.

set -euo pipefail
export LC_ALL=C.UTF-8
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# A caller's own Slurm settings would send the rig's commands elsewhere.
unset "${!SLURM_@}" "${!SACCTMGR_@}" "${!SQUEUE_@}" "${!SINFO_@}" "${!SCONTROL_@}" 2>/dev/null || true

RIG_SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RIG_HOME=${SITEWRIGHT_RIG:-$(cd "$RIG_SCRIPTS/../.." && pwd)/target/rig}
RIG_RELEASES='22.05 24.11 26.05'
RIG_MARK='# Written by the test rig of sitewright.'
RIG_USERS='anna:61001 bo:61002 carla:61003 dan:61004 operator:61005'
# What a test may define; the ports are written down in `rig_node_port`.
RIG_NODES="$(echo gpu00{1..8} cpu00{1..4} old00{1..2})"

rig_say() { printf '%s\n' "$*"; }

# rig_die MESSAGE [LOG]: the message, the end of the log that explains it, exit 1.
rig_die() {
    printf 'rig: %s\n' "$1" >&2
    if [[ -n ${2:-} && -s ${2:-} ]]; then
        printf -- '--- end of %s\n' "$2" >&2
        tail -n 15 -- "$2" >&2
    fi
    exit 1
}

rig_need_root() { [[ $EUID -eq 0 ]] || rig_die 'needs root'; }

# rig_load RELEASE: everything that depends on the release.
rig_load() {
    RELEASE=${1:-}
    case $RELEASE in
        22.05) CLUSTER=rig2205 SHIFT=0 SUITE= ;;
        24.11) CLUSTER=rig2411 SHIFT=1000 SUITE=trixie ;;
        26.05) CLUSTER=rig2605 SHIFT=2000 SUITE=forky ;;
        *) rig_die "say which release: ${RIG_RELEASES// /, } (got '$RELEASE')" ;;
    esac
    WORK=$RIG_HOME/$RELEASE
    # The suite of Debian whose packages stand in a folder; none: the host's own.
    if [[ -z $SUITE ]]; then
        ROOT=
        SEEN=$WORK
        PREFIX=()
    else
        ROOT=$WORK/root
        SEEN=/rig
        PREFIX=(chroot "$ROOT")
    fi
    # SEEN is the rig's folder as the daemons name it, HOST the same folder as seen from outside.
    HOST=$ROOT$SEEN
    CONF_DIR=/etc/slurm
    HOST_CONF_DIR=$ROOT$CONF_DIR
    GPU_DIR=$SEEN/gpus
    LOG=$HOST/log
    CONTROLLER_LOG=$LOG/slurmctld.log
    SQL_PORT=$((13306 + SHIFT))
    DBD_PORT=$((16819 + SHIFT))
    CTLD_PORT=$((16817 + SHIFT))
    SLURMD_PORT=$((16818 + SHIFT))
    SSH_PORT=$((12222 + SHIFT))
    SSH_DIR=$WORK/ssh
    SSH_KEY=$SSH_DIR/key
    SSH_CONFIG=$SSH_DIR/config
    RESTART=$WORK/restart
}

# One script at a time changes a rig. The lock is held by flock(1), so that no daemon inherits it.
rig_lock() {
    [[ ${RIG_LOCKED:-} == "$RELEASE" ]] && return 0
    mkdir -p "$WORK"
    RIG_LOCKED=$RELEASE exec flock -o -w 600 -E 75 "$WORK/lock" "$0" "$@"
}

# rig_run PROGRAM…: runs in the release's root, with a plain environment.
rig_run() { "${PREFIX[@]}" env -i PATH="$PATH" LC_ALL=C.UTF-8 ${RIG_TZ:+TZ="$RIG_TZ"} "$@"; }

# rig_daemon LOG PROGRAM…: the same for a daemon: own session, nothing inherited from the caller's terminal, and the mark
# by which `rig_own` knows it and what it starts.
rig_daemon() {
    local log=$1
    shift
    (
        cd / && umask 022
        # A lock that the caller holds must not live on with the daemon.
        for open in /proc/"$BASHPID"/fd/*; do
            if ((${open##*/} > 2)); then eval "exec ${open##*/}>&-"; fi
        done
        setsid "${PREFIX[@]}" env -i PATH="$PATH" LC_ALL=C.UTF-8 SITEWRIGHT_RIG_OF="$WORK" "$@" </dev/null >>"$log" 2>&1
    )
}

# rig_wait SECONDS COMMAND…: until the command succeeds; 1 when the time is over.
rig_wait() {
    local limit=$(($(rig_ms) + $1 * 1000))
    shift
    until "$@"; do
        (($(rig_ms) < limit)) || return 1
        sleep 0.1
    done
}

rig_ms() { local now=${EPOCHREALTIME/[.,]/}; echo $((now / 1000)); }

# rig_listens PORT: read from the kernel, so that no daemon sees a stray connection.
rig_listens() {
    local hex
    hex=$(printf ':%04X 0' "$1")
    hex=${hex% 0}
    grep -qE "^ *[0-9]+: [0-9A-F]+$hex [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# A port that somebody else has would mean talking to the wrong daemon, and emptying the wrong database.
rig_port_free() { ! rig_listens "$1" || rig_die "port $1 is taken, $2 cannot have it"; }

# rig_own PID: whether the rig started that process, or a daemon of the rig did. A process that writes its title over its
# environment (slurmstepd) is known by its working folder.
rig_own() {
    grep -zqxF "SITEWRIGHT_RIG_OF=$WORK" "/proc/$1/environ" 2>/dev/null || [[ $(readlink "/proc/$1/cwd" 2>/dev/null) == "$WORK"/* ]]
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

# ---------------------------------------------------------------------------------------------------- files

rig_folders() {
    mkdir -p "$HOST"/{log,run,sql,gpus,home,state/slurmctld,spool} "$SSH_DIR" "$HOST_CONF_DIR"
    chmod 755 "$WORK" "$HOST" "$HOST"/{log,run,gpus,home,state,spool} "$SSH_DIR"
    local number node
    # A slurmd takes plain files too, but only device files get their numbers into a job's CUDA_VISIBLE_DEVICES. These
    # are all the null device.
    for number in {0..7}; do
        [[ -c $HOST/gpus/nvidia$number ]] && continue
        rm -f "$HOST/gpus/nvidia$number"
        mknod -m 666 "$HOST/gpus/nvidia$number" c 1 3 || rig_die "cannot make device files in $HOST/gpus"
    done
    for node in $RIG_NODES; do mkdir -p "$HOST/spool/$node"; done
}

# One rig of a release on a machine, and no other Slurm in its root: its ports, and /etc/slurm, exist once.
rig_claim() {
    local claim=/run/sitewright-rig-$RELEASE other
    other=$(cat "$claim" 2>/dev/null || true)
    if [[ -n $other && $other != "$WORK" && -e $other/env ]]; then
        rig_die "a rig of $RELEASE is up in $other: take it down first"
    fi
    rig_alone
    printf '%s\n' "$WORK" >"$claim"
}
rig_unclaim() {
    if [[ $(cat "/run/sitewright-rig-$RELEASE" 2>/dev/null || true) == "$WORK" ]]; then rm -f "/run/sitewright-rig-$RELEASE"; fi
}

# The folder /etc/slurm is the rig's own only when the rig wrote it, or when nobody ever configured Slurm here.
rig_own_conf_dir() {
    [[ ! -e $HOST_CONF_DIR/slurm.conf ]] || grep -qF "$RIG_MARK" "$HOST_CONF_DIR/slurm.conf" ||
        [[ -e $HOST_CONF_DIR/.rig ]] || rig_die "$HOST_CONF_DIR/slurm.conf was not written by the rig: this is no test machine"
    : >"$HOST_CONF_DIR/.rig"
}

# rig_write_conf base|empty: the site's own files, and include files as they are before the tool ever ran.
rig_write_conf() {
    local kind=$1 dir=$HOST_CONF_DIR
    find "$dir" -mindepth 1 -maxdepth 1 ! -name .rig ! -name 'plugstack*' -exec rm -rf {} +
    {
        cat <<END
$RIG_MARK
ClusterName=$CLUSTER
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=$CTLD_PORT
SlurmdPort=$SLURMD_PORT
AuthType=auth/munge
StateSaveLocation=$SEEN/state/slurmctld
SlurmdSpoolDir=$SEEN/spool/%n
SlurmctldPidFile=$SEEN/run/slurmctld.pid
SlurmdPidFile=$SEEN/run/slurmd-%n.pid
SlurmctldLogFile=$SEEN/log/slurmctld.log
SlurmdLogFile=$SEEN/log/slurmd-%n.log
SlurmctldDebug=info
SlurmdDebug=info

# One machine pretends to be many nodes.
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
MailProg=/bin/true
JobAcctGatherType=jobacct_gather/none

# Nodes come back by themselves, jobs start and end fast.
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=60
MessageTimeout=10
InactiveLimit=0
KillWait=2
MinJobAge=300
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
PriorityType=priority/multifactor
PriorityWeightFairshare=10000
PriorityWeightQOS=10000
PreemptType=preempt/qos
PreemptMode=REQUEUE
GresTypes=gpu

AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePort=$DBD_PORT
AccountingStorageEnforce=associations,limits,qos,safe
AccountingStorageTRES=gres/gpu,gres/gpu:h100,gres/gpu:a100

END
        if [[ $kind == base ]]; then
            cat <<END
NodeName=old[001-002] NodeHostname=localhost Port=[$((18201 + SHIFT))-$((18202 + SHIFT))] Sockets=1 CoresPerSocket=8 ThreadsPerCore=1 RealMemory=16000 State=UNKNOWN
PartitionName=legacy Nodes=old[001-002] Default=YES MaxTime=1-00:00:00 State=UP

END
        fi
        echo 'Include sitewright.conf'
    } >"$dir/slurm.conf"
    printf '%s\n%s\n' "$RIG_MARK" 'Include sitewright-gres.conf' >"$dir/gres.conf"
    echo '# Nothing here yet.' >"$dir/sitewright.conf"
    echo '# Nothing here yet.' >"$dir/sitewright-gres.conf"
    echo 'CgroupPlugin=disabled' >"$dir/cgroup.conf"
    # 22.05 does not know the word and wants no cgroups either: none of the plugins above asks for them.
    if [[ $RELEASE == 22.05 ]]; then rm "$dir/cgroup.conf"; fi
    cat >"$dir/slurmdbd.conf" <<END
$RIG_MARK
AuthType=auth/munge
DbdHost=localhost
DbdPort=$DBD_PORT
SlurmUser=root
LogFile=$SEEN/log/slurmdbd.log
PidFile=$SEEN/run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$SQL_PORT
StorageUser=slurm
StoragePass=rig
StorageLoc=slurm_acct_db
END
    chmod 600 "$dir/slurmdbd.conf"
    chmod 644 "$dir"/{slurm,gres,sitewright,sitewright-gres}.conf
}

# rig_private_data WORDS: into the site's files, empty takes it out.
rig_private_data() {
    local file
    for file in slurm.conf slurmdbd.conf; do
        sed -i '/^PrivateData=/d' "$HOST_CONF_DIR/$file"
        [[ -n $1 ]] && sed -i "/^AuthType=/a PrivateData=$1" "$HOST_CONF_DIR/$file"
    done
    return 0
}

rig_users() {
    local entry name id
    for entry in $RIG_USERS; do
        name=${entry%:*} id=${entry#*:}
        rig_user "$name" "$id" "$SEEN/home/$name"
        mkdir -p "$HOST/home/$name"
        chown "$id:100" "$HOST/home/$name"
    done
    rig_run setpriv --reuid=anna --regid=users --init-groups test -w "$SEEN/home/anna" ||
        rig_die "ordinary users cannot reach $HOST: set SITEWRIGHT_RIG to a folder whose parents all may enter"
}

rig_user() {
    local now
    now=$(rig_run getent passwd "$1" || true)
    if [[ -z $now ]]; then
        rig_run useradd -N -g users -u "$2" -d "$3" -M -s /bin/bash -p '*' "$1" 2>/dev/null || rig_die "cannot create the user $1"
    elif [[ $(cut -d: -f3,6 <<<"$now") != "$2:$3" ]]; then
        [[ $(cut -d: -f3 <<<"$now") == "$2" ]] || rig_die "a user $1 with another number exists here"
        rig_run usermod -d "$3" "$1" 2>/dev/null || rig_die "cannot change the user $1"
    fi
}

# ---------------------------------------------------------------------------------------------------- chroot

rig_enter() {
    [[ -n $ROOT ]] || return 0
    [[ -e $ROOT/.complete ]] || rig_die "nothing in $ROOT: run 'install' first"
    # /dev holds its own few device files and is no bind mount: whoever removes the build folder must not empty the
    # machine's /dev. /proc and a read-only /sys cannot be harmed that way.
    mountpoint -q "$ROOT/proc" || mount -t proc proc "$ROOT/proc" || rig_die "cannot mount /proc below $ROOT"
    mountpoint -q "$ROOT/sys" || mount -t sysfs -o ro sysfs "$ROOT/sys" || rig_die "cannot mount /sys below $ROOT"
    local name numbers
    while read -r name numbers; do
        # shellcheck disable=SC2086
        [[ -c $ROOT/dev/$name ]] || mknod -m 666 "$ROOT/dev/$name" c $numbers || rig_die "cannot make $ROOT/dev/$name"
    done <<<$'null 1 3\nzero 1 5\nfull 1 7\nrandom 1 8\nurandom 1 9\ntty 5 0'
    [[ -L $ROOT/dev/fd ]] || ln -s /proc/self/fd "$ROOT/dev/fd"
    mkdir -p "$ROOT/dev/shm" "$ROOT/tmp"
    chmod 1777 "$ROOT/dev/shm" "$ROOT/tmp"
    cp -L /etc/hosts "$ROOT/etc/hosts"
    if [[ -e /etc/localtime ]]; then cp -L --remove-destination /etc/localtime "$ROOT/etc/localtime"; fi
}

rig_leave() {
    [[ -n $ROOT ]] || return 0
    local place
    for place in sys proc; do
        if mountpoint -q "$ROOT/$place"; then
            umount "$ROOT/$place" 2>/dev/null || umount -l "$ROOT/$place" || rig_die "cannot unmount $ROOT/$place"
        fi
    done
}

# ---------------------------------------------------------------------------------------------------- daemons

rig_munge_start() {
    rig_runs munged && return 0
    # The machine's own serves as well, and is left alone.
    [[ -z $(rig_foreign munged) ]] || return 0
    local log=$ROOT/var/log/munge/munged.log
    rm -f "$ROOT"/run/munge/munge*
    rig_run install -d -o munge -g munge -m 755 /run/munge
    rig_run install -d -o munge -g munge -m 700 /var/log/munge
    rig_run install -d -o munge -g munge -m 711 /var/lib/munge
    [[ -e $ROOT/etc/munge/munge.key ]] || rig_run setpriv --reuid=munge --regid=munge --clear-groups mungekey -c 2>/dev/null || rig_die 'no munge key'
    rig_daemon "$LOG/munged.out" timeout 60 setpriv --reuid=munge --regid=munge --clear-groups munged --force ||
        rig_die 'munged does not start' "$log"
    rig_wait 30 test -S "$ROOT/run/munge/munge.socket.2" || rig_die 'munged does not start' "$log"
}
rig_munge_stop() { rig_stop 30 munged; }

rig_sql_start() {
    local started
    rig_runs mariadbd "--datadir=$SEEN/sql" && return 0
    if [[ ! -d $HOST/sql/mysql ]]; then
        rm -rf "${HOST:?}/sql" "$WORK"/{base,empty}.sql
        mkdir -p "$HOST/sql"
        rig_run timeout 300 mariadb-install-db --no-defaults --datadir="$SEEN/sql" --user=root --skip-test-db \
            --auth-root-authentication-method=normal >"$LOG/sql-install.out" 2>&1 </dev/null ||
            rig_die 'mariadb-install-db failed' "$LOG/sql-install.out"
    fi
    # A database that does not exist yet ends slurmdbd at its first start where libmariadb is 11.8.9: see docs/slurm.md.
    cat >"$HOST/run/init.sql" <<'END'
CREATE DATABASE IF NOT EXISTS slurm_acct_db;
CREATE USER IF NOT EXISTS slurm@'127.0.0.1' IDENTIFIED BY 'rig';
GRANT ALL ON *.* TO slurm@'127.0.0.1';
END
    rig_port_free "$SQL_PORT" mariadbd
    # The socket is relative to the data folder: an absolute one may be too long for a socket.
    rig_daemon "$LOG/sql.log" mariadbd --no-defaults --datadir="$SEEN/sql" --user=root --socket=sql.sock \
        --pid-file=sql.pid --bind-address=127.0.0.1 --port="$SQL_PORT" --skip-name-resolve --skip-log-bin \
        --innodb-flush-log-at-trx-commit=0 --innodb-lock-wait-timeout=900 --innodb-buffer-pool-size=128M \
        --loose-innodb-snapshot-isolation=OFF \
        --max-allowed-packet=64M --performance-schema=OFF --init-file="$SEEN/run/init.sql" >/dev/null 2>&1 </dev/null &
    started=$!
    rig_wait 120 rig_sql_settled || true
    rig_listens "$SQL_PORT" && rig_runs mariadbd "--datadir=$SEEN/sql" || rig_die 'mariadbd does not start' "$LOG/sql.log"
}
rig_sql_settled() { rig_listens "$SQL_PORT" || ! kill -0 "$started" 2>/dev/null; }

rig_sql() {
    rig_run timeout 300 mariadb --no-defaults -h 127.0.0.1 -P "$SQL_PORT" -u slurm -prig --batch --skip-column-names "$@" \
        2>"$LOG/sql-client.out" || rig_die 'the database refuses a statement' "$LOG/sql-client.out"
}

# rig_sql_save FILE: the rows of all tables; the tables themselves stay where they are.
rig_sql_save() {
    rig_run timeout 300 mariadb-dump --no-defaults -h 127.0.0.1 -P "$SQL_PORT" -u slurm -prig --no-create-info --compact \
        --single-transaction slurm_acct_db >"$1.new" 2>"$LOG/sql-client.out" || rig_die 'mariadb-dump failed' "$LOG/sql-client.out"
    rig_sql slurm_acct_db -e 'SHOW TABLES' >"$WORK/tables"
    mv "$1.new" "$1"
}

# rig_sql_restore FILE: tables that a test brought along go, all others get the saved rows.
rig_sql_restore() {
    local table
    {
        echo 'SET foreign_key_checks=0;'
        rig_sql slurm_acct_db -e 'SHOW TABLES' | while read -r table; do
            if ! grep -qxF "$table" "$WORK/tables"; then echo "DROP TABLE \`$table\`;"; fi
        done
        echo 'START TRANSACTION;'
        sed 's/.*/DELETE FROM `&`;/' "$WORK/tables"
        cat "$1"
        echo 'COMMIT;'
    } | rig_sql slurm_acct_db
}

rig_dbd_start() {
    rig_runs slurmdbd && return 0
    rig_port_free "$DBD_PORT" slurmdbd
    rig_daemon "$LOG/slurmdbd.out" timeout 180 slurmdbd || rig_die 'slurmdbd does not start' "$LOG/slurmdbd.log"
    rig_wait 180 rig_dbd_settled || true
    rig_listens "$DBD_PORT" && ! rig_ended slurmdbd || rig_die 'slurmdbd does not start' "$LOG/slurmdbd.log"
}
rig_dbd_settled() { rig_listens "$DBD_PORT" || rig_ended slurmdbd; }

rig_ctld_up() { rig_listens "$CTLD_PORT" && rig_run timeout 15 scontrol ping 2>/dev/null | grep -q 'is UP'; }
rig_ctld_settled() { rig_ctld_up || rig_ended slurmctld; }

# Like `systemctl start`: 1 when it ends instead of answering; the message and the log go to stderr.
rig_ctld_start() {
    rig_runs slurmctld && return 0
    local before
    before=$(stat -c %s "$CONTROLLER_LOG" 2>/dev/null || echo 0)
    : >"$LOG/slurmctld.out"
    if rig_daemon "$LOG/slurmctld.out" timeout 90 slurmctld; then
        rig_wait 30 rig_ctld_settled || true
        rig_ended slurmctld || return 0
    fi
    # What it said before it had a log, and what it logged in this start.
    tail -c "+$((before + 1))" "$CONTROLLER_LOG" 2>/dev/null >>"$LOG/slurmctld.out" || true
    (rig_die 'slurmctld does not start' "$LOG/slurmctld.out")
}
rig_ctld_stop() { rig_stop 60 slurmctld; }

rig_slurmd_start() {
    local node since started=()
    since=$(date +%s)
    for node in "$@"; do
        [[ " $RIG_NODES " == *" $node "* ]] || rig_die "the rig has no node $node (it has: $RIG_NODES)"
        rig_runs slurmd "-N $node" && continue
        if [[ -s $LOG/slurmd-$node.log ]]; then mv "$LOG/slurmd-$node.log" "$LOG/slurmd-$node.log.1"; fi
        : >"$LOG/slurmd-$node.out"
        rig_daemon "$LOG/slurmd-$node.out" timeout 90 slurmd -N "$node" || rig_slurmd_failed "$node" 'does not start'
        started+=("$node")
    done
    for node in "${started[@]}"; do
        rig_wait 90 rig_slurmd_settled "$node" "$since" || true
        ! rig_ended slurmd "-N $node" || rig_slurmd_failed "$node" 'does not start'
        rig_registered "$node" "$since" || rig_slurmd_failed "$node" 'runs, but is not registered after 90 s'
    done
}
rig_slurmd_failed() {
    tail -n 15 -- "$LOG/slurmd-$1.log" 2>/dev/null >>"$LOG/slurmd-$1.out" || true
    # 24.11 gives its reason only in the foreground.
    [[ -s $LOG/slurmd-$1.out ]] || rig_run timeout 3 slurmd -D -N "$1" >"$LOG/slurmd-$1.out" 2>&1 </dev/null || true
    rig_die "the slurmd of $1 $2" "$LOG/slurmd-$1.out"
}
rig_slurmd_settled() { rig_registered "$@" || rig_ended slurmd "-N $1"; }

# The controller knows a slurmd of this node that was started at that time or later, and hears it.
rig_registered() {
    local line
    line=$(rig_run SLURM_TIME_FORMAT=%s timeout 15 scontrol -o show node "$1" 2>/dev/null) || return 1
    [[ $line =~ SlurmdStartTime=([0-9]+) ]] && ((BASH_REMATCH[1] >= $2)) || return 1
    [[ $line =~ State=([^ ]+) ]] && [[ ${BASH_REMATCH[1]} != *'*'* && ${BASH_REMATCH[1]} != *NOT_RESPONDING* ]]
}

rig_slurmd_stop() {
    local node
    for node in "$@"; do rig_stop 30 slurmd "-N $node"; done
}

# All that jobs left behind, in this root only: steps, and what runs as one of the ordinary users.
rig_jobs_kill() {
    local pid pids
    pids=$(rig_pids slurmstepd)
    for pid in $(pgrep -u 61001,61002,61003,61004 || true); do
        [[ /proc/$pid/root -ef ${ROOT:-/} ]] && pids+=" $pid"
    done
    # shellcheck disable=SC2086
    [[ -z ${pids// /} ]] || kill -KILL $pids 2>/dev/null || true
}

# ---------------------------------------------------------------------------------------------------- ssh

rig_ssh_start() {
    [[ -e $SSH_KEY ]] || ssh-keygen -q -t ed25519 -N '' -C rig -f "$SSH_KEY"
    [[ -e $SSH_DIR/host ]] || ssh-keygen -q -t ed25519 -N '' -C rig -f "$SSH_DIR/host"
    cp "$SSH_KEY.pub" "$SSH_DIR/authorized_keys"
    chmod 644 "$SSH_DIR/authorized_keys"
    echo "[127.0.0.1]:$SSH_PORT $(cut -d' ' -f1,2 "$SSH_DIR/host.pub")" >"$SSH_DIR/known_hosts"
    cat >"$SSH_DIR/sshd_config" <<END
Port $SSH_PORT
ListenAddress 127.0.0.1
HostKey "$SSH_DIR/host"
PidFile "$SSH_DIR/sshd.pid"
AuthorizedKeysFile "$SSH_DIR/authorized_keys"
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 200
MaxSessions 200
UseDNS no
PrintMotd no
Subsystem sftp internal-sftp
END
    cat >"$SSH_CONFIG" <<END
Host rig
    HostName 127.0.0.1
    Port $SSH_PORT
    User root
    IdentityFile "$SSH_KEY"
    IdentitiesOnly yes
    UserKnownHostsFile "$SSH_DIR/known_hosts"
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    BatchMode yes
    ConnectTimeout 10
    LogLevel ERROR
END
    rig_ssh_pid >/dev/null && return 0
    rig_port_free "$SSH_PORT" sshd
    mkdir -p /run/sshd
    (cd / && setsid env -i PATH="$PATH" /usr/sbin/sshd -f "$SSH_DIR/sshd_config" -E "$SSH_DIR/sshd.log" </dev/null >>"$SSH_DIR/sshd.log" 2>&1) ||
        rig_die 'sshd does not start' "$SSH_DIR/sshd.log"
    rig_wait 30 rig_listens "$SSH_PORT" || rig_die 'sshd does not start' "$SSH_DIR/sshd.log"
}

rig_ssh_pid() {
    local pid
    pid=$(cat "$SSH_DIR/sshd.pid" 2>/dev/null) && [[ $(cat "/proc/$pid/comm" 2>/dev/null) == sshd ]] && echo "$pid"
}
rig_ssh_gone() { ! rig_ssh_pid >/dev/null; }

rig_ssh_stop() {
    local pid
    pid=$(rig_ssh_pid) || return 0
    kill -TERM "$pid" 2>/dev/null || true
    rig_wait 30 rig_ssh_gone || rig_die 'sshd cannot be stopped' "$SSH_DIR/sshd.log"
}

# ---------------------------------------------------------------------------------------------------- base state

# Makes the two saved states of the database, once: before a controller ever registered, and after.
rig_baseline() {
    [[ -e $WORK/base.sql && -e $WORK/empty.sql ]] && return 0
    rig_stop 0 slurmctld
    rig_stop 30 slurmdbd
    rig_write_conf base
    rig_clear_state
    rig_sql -e 'CREATE OR REPLACE DATABASE slurm_acct_db'
    rig_dbd_start
    rig_run timeout 120 sacctmgr -i add cluster "$CLUSTER" >"$LOG/sacctmgr.out" 2>&1 || rig_die 'the cluster cannot be registered' "$LOG/sacctmgr.out"
    rig_sql_save "$WORK/empty.sql"
    rig_ctld_start
    rig_wait 120 rig_tres_known || rig_die 'the controller does not register with slurmdbd' "$CONTROLLER_LOG"
    rig_ctld_stop
    rig_sql_save "$WORK/base.sql"
}
rig_tres_known() {
    rig_run timeout 30 sacctmgr -nP show tres format=type,name 2>/dev/null | grep -q '^gres|gpu:a100$' &&
        [[ $(rig_run timeout 30 sacctmgr -nP show cluster "$CLUSTER" format=controlport 2>/dev/null) == "$CTLD_PORT" ]]
}

rig_clear_state() {
    local log
    rm -rf "${HOST:?}"/state/slurmctld "${HOST:?}"/spool
    rm -rf "${HOST:?}"/home/*/{*,.[!.]*}
    for log in "$CONTROLLER_LOG" "$LOG"/slurmd-*.log; do
        if [[ -s $log ]]; then mv "$log" "$log.1"; fi
    done
    rig_folders
}

rig_write_env() {
    local key value
    {
        printf '%s=%s\n' RELEASE "$RELEASE" CLUSTER "$CLUSTER" PREFIX "${PREFIX[*]}" CONF_DIR "$CONF_DIR" \
            HOST_CONF_DIR "$HOST_CONF_DIR" RESTART "$RESTART" CONTROLLER_LOG "$CONTROLLER_LOG" SSH_PORT "$SSH_PORT" \
            SSH_KEY "$SSH_KEY" SSH_CONFIG "$SSH_CONFIG" GPU_DIR "$GPU_DIR"
    } >"$WORK/env.new"
    # The same for a shell to source: values with blanks are quoted.
    while IFS='=' read -r key value; do printf '%s=%q\n' "$key" "$value"; done <"$WORK/env.new" >"$WORK/env.sh"
    mv "$WORK/env.new" "$WORK/env"
    printf '#!/bin/bash\n# What `systemctl restart slurmctld` would be.\nSITEWRIGHT_RIG=%q exec %q %q restart\n' \
        "$RIG_HOME" "$RIG_SCRIPTS/slurmctld" "$RELEASE" >"$RESTART.new"
    chmod 755 "$RESTART.new"
    mv "$RESTART.new" "$RESTART"
}
