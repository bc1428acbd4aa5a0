# shellcheck shell=bash
# The sshd of a rig; sourced by lib.sh.

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
