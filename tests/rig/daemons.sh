# shellcheck shell=bash
# Starting and stopping of munge, MariaDB and Slurm's daemons; sourced by lib.sh.

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
