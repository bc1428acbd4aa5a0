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

# One rig of a release on a machine: its ports, and /etc/slurm, exist once.
rig_claim() {
    local claim=/run/sitewright-rig-$RELEASE other
    other=$(cat "$claim" 2>/dev/null || true)
    if [[ -n $other && $other != "$WORK" && -e $other/env ]]; then
        rig_die "a rig of $RELEASE is up in $other: take it down first"
    fi
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

# ---------------------------------------------------------------------------------------------------- the rest

source "$RIG_SCRIPTS/processes.sh"
source "$RIG_SCRIPTS/daemons.sh"
source "$RIG_SCRIPTS/ssh.sh"
