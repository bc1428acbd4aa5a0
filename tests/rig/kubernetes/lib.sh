# shellcheck shell=bash disable=SC2034
# Shared by all scripts of the Kubernetes rig; sourced, never run. The general parts are those of the Slurm rig.

source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# A caller's own cluster is none of ours.
unset KUBECONFIG KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT "${!KUBECTL_@}"

KUBE_SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
KUBE_MODULES=$KUBE_SCRIPTS/modules
KUBE_VERSION=$(sed -n 's/^\tk8s\.io\/kubernetes v\([0-9.]*\).*/\1/p' "$KUBE_MODULES/kubernetes/go.mod")
KUBE_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/sitewright-rig
# Another go.mod means other programs: they never share a folder.
KUBE_BUILD=$KUBE_CACHE/v$KUBE_VERSION-$(cat "$KUBE_MODULES"/*/go.{mod,sum} | sha256sum | cut -c1-8)
KUBE_BIN=$KUBE_BUILD/bin
KUBE_PROGRAMS='etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kueue kwok'

# What the shared functions ask for: everything runs on the host itself.
RELEASE=kubernetes
ROOT=
PREFIX=()
WORK=$RIG_HOME/$RELEASE
HOST=$WORK
KUBE_LOG=$WORK/log
KUBE_CA=$WORK/certs/ca.crt
KUBE_AUDIT=$WORK/audit.log
KUBE_AUDIT_BUSY=$WORK/audit-busy.log

# All on 127.0.0.1, away from the Slurm rig's.
KUBE_PORT=21443
KUBE_PORT_BUSY=21444
KUBE_ETCD_PORT=21379
KUBE_PEER_PORT=21380
KUBE_MANAGER_PORT=21257
KUBE_SCHEDULER_PORT=21259
KUBE_KWOK_PORT=21247
KUBE_WEBHOOK_PORT=21943
KUBE_KUEUE_PORT=21944
KUBE_SERVER=https://127.0.0.1:$KUBE_PORT
KUBE_SERVER_BUSY=https://127.0.0.1:$KUBE_PORT_BUSY

# What writes by itself: stopped while the stored objects change under its feet.
KUBE_CONTROLLERS='controller-manager scheduler kueue kwok'

# kube_daemon NAME: its program's name as the kernel has it, the port it listens on, and the word of its command line that
# no other daemon has.
kube_daemon() {
    case $1 in
        etcd) KUBE_COMM=etcd KUBE_LISTENS=$KUBE_ETCD_PORT KUBE_WORD=--data-dir=$WORK/etcd ;;
        apiserver) KUBE_COMM=kube-apiserver KUBE_LISTENS=$KUBE_PORT KUBE_WORD=--audit-log-path=$KUBE_AUDIT ;;
        busy) KUBE_COMM=kube-apiserver KUBE_LISTENS=$KUBE_PORT_BUSY KUBE_WORD=--audit-log-path=$KUBE_AUDIT_BUSY ;;
        controller-manager) KUBE_COMM=kube-controller KUBE_LISTENS=$KUBE_MANAGER_PORT KUBE_WORD=--kubeconfig=$WORK/users/$1 ;;
        scheduler) KUBE_COMM=kube-scheduler KUBE_LISTENS=$KUBE_SCHEDULER_PORT KUBE_WORD=--kubeconfig=$WORK/users/$1 ;;
        kueue) KUBE_COMM=kueue KUBE_LISTENS=$KUBE_WEBHOOK_PORT KUBE_WORD=--kubeconfig=$WORK/users/$1 ;;
        kwok) KUBE_COMM=kwok KUBE_LISTENS=$KUBE_KWOK_PORT KUBE_WORD=--kubeconfig=$WORK/users/$1 ;;
        *) rig_die "the rig has no daemon $1" ;;
    esac
}
kube_runs() { kube_daemon "$1" && rig_runs "$KUBE_COMM" "$KUBE_WORD"; }

# kube_stop SECONDS NAME…: TERM, then KILL after the seconds; 0 seconds: KILL at once.
kube_stop() {
    local seconds=$1 name
    shift
    for name in "$@"; do
        kube_runs "$name" || continue
        rig_stop "$seconds" "$KUBE_COMM" "$KUBE_WORD"
        # The kernel forgets a killed program's command line before it closes its sockets.
        rig_wait 60 kube_deaf || rig_die "port $KUBE_LISTENS of $name stays open"
    done
}
kube_deaf() { ! rig_listens "$KUBE_LISTENS"; }

# kube_launch NAME PROGRAM [WORD…]: in the background, unless it runs. Nothing of the caller's stays open in it or in
# a shell that waits for it: somebody may read our output to its end.
kube_launch() {
    local name=$1 program=$2 log=$KUBE_LOG/$1.log
    shift 2
    if kube_runs "$name"; then return 0; fi
    rig_port_free "$KUBE_LISTENS" "$program"
    if [[ -s $log ]]; then mv "$log" "$log.1"; fi
    (cd / && umask 022 && exec setsid -f env -i PATH="$PATH" LC_ALL=C.UTF-8 HOME="$WORK/home" SITEWRIGHT_RIG_OF="$WORK" "$KUBE_BIN/$program" "$KUBE_WORD" "$@" \
        </dev/null >>"$log" 2>&1)
    # Until the kernel has it under its name, it looks as if it had died.
    rig_wait 10 kube_runs "$name" || true
}

# kube_ready NAME: it answers that it is.
kube_ready() {
    local url
    case $1 in
        etcd) url=http://127.0.0.1:$KUBE_ETCD_PORT/health ;;
        apiserver) url=$KUBE_SERVER/readyz ;;
        busy) url=$KUBE_SERVER_BUSY/readyz ;;
        controller-manager) url=https://127.0.0.1:$KUBE_MANAGER_PORT/healthz ;;
        scheduler) url=https://127.0.0.1:$KUBE_SCHEDULER_PORT/readyz ;;
        kueue) url=http://127.0.0.1:$KUBE_KUEUE_PORT/readyz ;;
        kwok) url=http://127.0.0.1:$KUBE_KWOK_PORT/readyz ;;
    esac
    kube_curl "$url" >/dev/null
}
kube_settled() { kube_ready "$1" || ! kube_runs "$1"; }

# kube_await NAME…: until each is ready.
kube_await() {
    local name
    for name in "$@"; do
        rig_wait 300 kube_settled "$name" || true
        kube_ready "$name" || rig_die "$name does not start" "$KUBE_LOG/$name.log"
    done
}

# kube_curl URL [WORD…]: as the rig's own user, whom no audit log has; fails for every status from 400 on.
kube_curl() { curl -q -sS -f -m 30 --noproxy '*' -k -H 'Authorization: Bearer t-rig' "$@" 2>>"$KUBE_LOG/curl.out"; }

# kubectl as the rig's own user.
kube() { env -i PATH="$PATH" LC_ALL=C.UTF-8 HOME="$WORK/home" "$KUBE_BIN/kubectl" --kubeconfig="$WORK/users/rig" "$@"; }

# ---------------------------------------------------------------------------------------------------- files

kube_folders() {
    mkdir -p "$WORK"/{log,home,users,certs,base,kueue,etcd}
    chmod 700 "$WORK/etcd"
}

# One authority for all; its certificates are for 127.0.0.1 only.
kube_certs() {
    local certs=$WORK/certs
    [[ -e $certs/.complete ]] && return 0
    {
        openssl genrsa -out "$certs/sa.key" 2048
        openssl ecparam -name prime256v1 -genkey -noout -out "$certs/ca.key"
        openssl req -x509 -new -sha256 -key "$certs/ca.key" -days 3650 -subj '/CN=rig' -out "$KUBE_CA" \
            -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
        openssl ecparam -name prime256v1 -genkey -noout -out "$certs/tls.key"
        openssl req -new -sha256 -key "$certs/tls.key" -subj '/CN=127.0.0.1' -out "$certs/tls.csr"
        printf '%s\n' subjectAltName=IP:127.0.0.1,DNS:localhost basicConstraints=CA:FALSE extendedKeyUsage=serverAuth >"$certs/tls.ext"
        openssl x509 -req -sha256 -in "$certs/tls.csr" -CA "$KUBE_CA" -CAkey "$certs/ca.key" -CAcreateserial -days 3650 \
            -extfile "$certs/tls.ext" -out "$certs/tls.crt"
    } >"$KUBE_LOG/certs.out" 2>&1 </dev/null || rig_die 'the certificates cannot be made' "$KUBE_LOG/certs.out"
    touch "$certs/.complete"
}

# The tool's three users, then the rig's own. Names and groups are what RBAC and the audit log see.
kube_users() {
    cat >"$WORK/tokens.csv" <<'END_TOKENS'
t-admin,admin,1,"system:masters"
t-op,olga,2,"hpc-operators"
t-ro,rita,3,"readers"
t-rig,rig,10,"system:masters"
t-rig-controller-manager,system:kube-controller-manager,11,"system:masters"
t-rig-scheduler,system:kube-scheduler,12,"system:masters"
t-rig-kueue,system:serviceaccount:kueue-system:kueue-controller-manager,13,"system:masters"
t-rig-kwok,rig-kwok,14,"system:masters"
END_TOKENS
    local entry
    for entry in admin:t-admin operator:t-op reader:t-ro rig:t-rig controller-manager:t-rig-controller-manager \
        scheduler:t-rig-scheduler kueue:t-rig-kueue kwok:t-rig-kwok; do
        kube_kubeconfig "${entry#*:}" >"$WORK/users/${entry%:*}"
    done
    chmod 600 "$WORK/tokens.csv" "$WORK"/users/*
}

# kube_kubeconfig TOKEN: the context `rig`, and `busy` for the second server.
kube_kubeconfig() {
    local ca
    ca=$(base64 -w0 "$KUBE_CA")
    cat <<END_CONFIG
apiVersion: v1
kind: Config
clusters:
- name: rig
  cluster: {server: "$KUBE_SERVER", certificate-authority-data: $ca}
- name: busy
  cluster: {server: "$KUBE_SERVER_BUSY", certificate-authority-data: $ca}
users:
- name: user
  user: {token: $1}
contexts:
- name: rig
  context: {cluster: rig, user: user}
- name: busy
  context: {cluster: busy, user: user}
current-context: rig
END_CONFIG
}

kube_write_conf() {
    # Requests of people (and programs in their place) only; writes with what was sent.
    cat >"$WORK/audit-policy.yaml" <<'END_POLICY'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users:
  - rig
  - rig-kwok
  - system:apiserver
  - system:kube-controller-manager
  - system:kube-scheduler
  - system:serviceaccount:kueue-system:kueue-controller-manager
- level: Request
  verbs: [create, update, patch, delete, deletecollection]
- level: Metadata
END_POLICY
    cat >"$WORK/kueue/config.yaml" <<END_KUEUE
apiVersion: config.kueue.x-k8s.io/v1beta2
kind: Configuration
namespace: kueue-system
leaderElection: {leaderElect: false}
internalCertManagement: {enable: false}
health: {healthProbeBindAddress: "127.0.0.1:$KUBE_KUEUE_PORT"}
metrics: {bindAddress: "0"}
webhook: {host: 127.0.0.1, port: $KUBE_WEBHOOK_PORT, certDir: "$WORK/certs"}
clientConnection: {qps: 500, burst: 1000}
featureGates: {VisibilityOnDemand: false}
integrations: {frameworks: [batch/job]}
END_KUEUE
    # A Job's pod ends at once, or after the time that its template's annotation says: such a Job is one that runs.
    awk '
        /^---/ { complete = 0 }
        /^  name: pod-complete$/ { complete = 1 }
        complete && /^  next:$/ {
            print "  delay:\n    durationMilliseconds: 0\n    durationFrom:"
            print "      expressionFrom: \x27.metadata.annotations[\"pod-complete.stage.kwok.x-k8s.io/delay\"]\x27"
        }
        { print }' "$KUBE_BUILD/share/stages.yaml" >"$WORK/stages.yaml"
}

# Kueue reads a certificate for metrics from this one place, even when it serves none.
KUBE_METRICS=/etc/kueue/metrics/certs
kube_metrics_link() {
    local file
    for file in tls.crt tls.key; do
        [[ ! -e $KUBE_METRICS/$file || -L $KUBE_METRICS/$file ]] || rig_die "$KUBE_METRICS/$file was not written by the rig: this is no test machine"
    done
    mkdir -p "$KUBE_METRICS"
    ln -sfn "$WORK/certs/tls.crt" "$KUBE_METRICS/tls.crt"
    ln -sfn "$WORK/certs/tls.key" "$KUBE_METRICS/tls.key"
}
kube_metrics_unlink() {
    local file
    for file in tls.crt tls.key; do
        if [[ $(readlink "$KUBE_METRICS/$file") == "$WORK/certs/$file" ]]; then rm "$KUBE_METRICS/$file"; fi
    done
    rmdir -p --ignore-fail-on-non-empty "$KUBE_METRICS" 2>/dev/null || true
}

kube_write_env() {
    local key value
    printf '%s=%s\n' SERVER "$KUBE_SERVER" SERVER_BUSY "$KUBE_SERVER_BUSY" CA "$KUBE_CA" KUBECTL "$KUBE_BIN/kubectl" \
        KUBECONFIG_ADMIN "$WORK/users/admin" KUBECONFIG_OPERATOR "$WORK/users/operator" KUBECONFIG_READER "$WORK/users/reader" \
        TOKEN_ADMIN t-admin TOKEN_OPERATOR t-op TOKEN_READER t-ro AUDIT_LOG "$KUBE_AUDIT" AUDIT_LOG_BUSY "$KUBE_AUDIT_BUSY" \
        RESET "$KUBE_SCRIPTS/reset" APISERVER "$KUBE_SCRIPTS/apiserver" LOGS "$KUBE_LOG" >"$WORK/env.new"
    while IFS='=' read -r key value; do printf '%s=%q\n' "$key" "$value"; done <"$WORK/env.new" >"$WORK/env.sh"
    mv "$WORK/env.new" "$WORK/env"
}

# ---------------------------------------------------------------------------------------------------- daemons

kube_start() {
    local certs=$WORK/certs
    case $1 in
        etcd)
            kube_launch etcd etcd --listen-client-urls="http://127.0.0.1:$KUBE_ETCD_PORT" \
                --advertise-client-urls="http://127.0.0.1:$KUBE_ETCD_PORT" --listen-peer-urls="http://127.0.0.1:$KUBE_PEER_PORT" \
                --initial-advertise-peer-urls="http://127.0.0.1:$KUBE_PEER_PORT" \
                --initial-cluster="default=http://127.0.0.1:$KUBE_PEER_PORT" --unsafe-no-fsync --max-txn-ops=1000 \
                --quota-backend-bytes=8589934592
            ;;
        apiserver) kube_start_apiserver apiserver "$KUBE_PORT" ;;
        # Two requests at a time, and every further one is refused; without fairness, whose queues would let it wait.
        busy)
            kube_start_apiserver busy "$KUBE_PORT_BUSY" --enable-priority-and-fairness=false --max-requests-inflight=2 \
                --max-mutating-requests-inflight=2
            ;;
        # A node says that it lives every twenty minutes at the latest.
        controller-manager)
            kube_launch controller-manager kube-controller-manager --leader-elect=false --bind-address=127.0.0.1 \
                --secure-port="$KUBE_MANAGER_PORT" --service-account-private-key-file="$certs/sa.key" --root-ca-file="$KUBE_CA" \
                --kube-api-qps=500 --kube-api-burst=1000 --node-monitor-grace-period=2h
            ;;
        scheduler)
            kube_launch scheduler kube-scheduler --leader-elect=false --bind-address=127.0.0.1 \
                --secure-port="$KUBE_SCHEDULER_PORT"
            ;;
        kueue) kube_launch kueue kueue --config="$WORK/kueue/config.yaml" ;;
        # Without leases for the nodes: those of the kwok before would keep it from them for ten seconds or more.
        kwok)
            kube_launch kwok kwok --manage-all-nodes=true --config="$WORK/stages.yaml" --node-lease-duration-seconds=0 \
                --server-address="127.0.0.1:$KUBE_KWOK_PORT"
            ;;
    esac
}

kube_start_apiserver() {
    local name=$1 port=$2 certs=$WORK/certs
    shift 2
    kube_launch "$name" kube-apiserver --etcd-servers="http://127.0.0.1:$KUBE_ETCD_PORT" --bind-address=127.0.0.1 \
        --advertise-address=127.0.0.1 --secure-port="$port" --cert-dir="$certs" --tls-cert-file="$certs/tls.crt" \
        --tls-private-key-file="$certs/tls.key" --service-cluster-ip-range=10.0.0.0/24 --endpoint-reconciler-type=none \
        --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$certs/sa.key" \
        --service-account-signing-key-file="$certs/sa.key" --authorization-mode=RBAC --token-auth-file="$WORK/tokens.csv" \
        --disable-admission-plugins=ServiceAccount --allow-privileged=true --audit-policy-file="$WORK/audit-policy.yaml" \
        --audit-log-maxsize=0 "$@"
}

kube_start_servers() {
    kube_start etcd
    kube_await etcd
    kube_start apiserver
    kube_start busy
    kube_await apiserver busy
}
kube_start_controllers() {
    local name
    for name in $KUBE_CONTROLLERS; do kube_start "$name"; done
    # shellcheck disable=SC2086
    kube_await $KUBE_CONTROLLERS
}

# ---------------------------------------------------------------------------------------------------- base state

kube_create() { kube create -f - >>"$KUBE_LOG/base.out" 2>&1 || rig_die "$1 cannot be created" "$KUBE_LOG/base.out"; }

# All objects of the base state, in an empty cluster.
kube_objects() {
    local ca url=https://127.0.0.1:$KUBE_WEBHOOK_PORT
    ca=$(base64 -w0 "$KUBE_CA")
    : >"$KUBE_LOG/base.out"
    kube_create 'the rights' <"$KUBE_SCRIPTS/objects.yaml"
    kube_nodes | kube_create 'the nodes'
    # Only these have a conversion: set on others, it breaks them.
    kube create --dry-run=client --validate=false -o json -f "$KUBE_BUILD/share/crds" 2>>"$KUBE_LOG/base.out" |
        jq --arg ca "$ca" --arg url "$url/convert" '
            if .kind == "List" then .items[] else . end
            | if .spec.names.plural | IN("localqueues", "clusterqueues", "cohorts", "workloads", "multikueueclusters")
              then .spec.conversion = {strategy: "Webhook", webhook: {
                  conversionReviewVersions: ["v1"], clientConfig: {url: $url, caBundle: $ca}}}
              else . end' | kube_create "Kueue's CRDs"
    # Established alone is too early for Kueue.
    rig_wait 300 kube_serves_kueue || rig_die "the server does not serve Kueue's kinds" "$KUBE_LOG/apiserver.log"
    kube create --dry-run=client --validate=false -o json -f "$KUBE_BUILD/share/webhooks.yaml" 2>>"$KUBE_LOG/base.out" |
        jq --arg ca "$ca" --arg url "$url" '
            if .kind == "List" then .items[] else . end
            | .metadata.name |= "kueue-" + .
            | .webhooks |= map(
                select(all(.rules[].apiGroups[]; . == "kueue.x-k8s.io" or . == "batch"))
                | .clientConfig = {url: ($url + .clientConfig.service.path), caBundle: $ca})' |
        kube_create "Kueue's webhooks"
    kube_start_controllers
    rig_wait 300 kube_nodes_ready || rig_die 'the nodes do not become ready' "$KUBE_LOG/kwok.log"
}

# Four nodes with 8 GPUs each below two switches, and two without.
kube_nodes() {
    local name gpus cpu memory labels
    for name in gpu00{1..4} cpu00{1..2}; do
        case $name in
            gpu*) gpus=', "nvidia.com/gpu": "8"' cpu=128 memory=1Ti labels="nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3" ;;
            *) gpus='' cpu=64 memory=256Gi labels="node-role.kubernetes.io/cpu: ''" ;;
        esac
        case $name in gpu001 | gpu002) labels+=$'\n    fabric.topograph.run/tier-1: leaf1' ;; gpu*) labels+=$'\n    fabric.topograph.run/tier-1: leaf2' ;; esac
        cat <<END_NODE
---
apiVersion: v1
kind: Node
metadata:
  name: $name
  labels:
    kubernetes.io/hostname: $name
    kubernetes.io/os: linux
    kubernetes.io/arch: amd64
    $labels
status:
  allocatable: {cpu: "$cpu", memory: $memory, pods: "110"$gpus}
  capacity: {cpu: "$cpu", memory: $memory, pods: "110"$gpus}
END_NODE
    done
}

kube_serves_kueue() { kube_curl "$KUBE_SERVER/apis/kueue.x-k8s.io/v1beta2" | jq -e 'any(.resources[]; .name == "workloads")' >/dev/null; }

# All six, ready, and without the taint of a node that is not.
kube_nodes_ready() {
    kube_curl "$KUBE_SERVER/api/v1/nodes" | jq -e '(.items | length == 6) and all(.items[];
        (.spec.taints // [] | length == 0) and any(.status.conditions[]?; .type == "Ready" and .status == "True"))' >/dev/null
}

# kube_etcd PATH: a request to etcd's own interface, body from stdin.
kube_etcd() {
    curl -q -sS -f -m 60 --noproxy '*' --data-binary @- "http://127.0.0.1:$KUBE_ETCD_PORT/v3/kv/$1" 2>>"$KUBE_LOG/curl.out" ||
        rig_die "etcd refuses $1" "$KUBE_LOG/curl.out"
}

# kube_stored [KEYS_ONLY]: all that the servers stored, as a list; but not the leases by which they only say that they live.
kube_stored() {
    jq -n --argjson only "${1:-false}" '{key: ("/registry/" | @base64), range_end: ("/registry0" | @base64), keys_only: $only}' |
        kube_etcd range |
        jq -c '[.kvs[]? | select(.key | @base64d | startswith("/registry/leases/kube-system/apiserver-") | not)]'
}

# kube_kinds SERVER: what it serves.
kube_kinds() {
    kube_curl "$1/apis" -H 'Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' |
        jq -r '.items[] | .metadata.name as $group | .versions[] | .version as $version | .resources[]? | "\($group)/\($version) \(.resource)"' | sort
}
kube_kinds_are_base() { [[ $(kube_kinds "$1") == "$(cat "$WORK/base/kinds")" ]]; }

# Keeps what is stored as the base state; nothing may write meanwhile.
kube_save() {
    # shellcheck disable=SC2086
    kube_stop 5 $KUBE_CONTROLLERS
    # Events are kept for an hour only: they cannot be part of it.
    jq -n '{key: ("/registry/events/" | @base64), range_end: ("/registry/events0" | @base64)}' | kube_etcd deleterange >/dev/null
    kube_kinds "$KUBE_SERVER" >"$WORK/base/kinds"
    kube_stored >"$WORK/base/stored.new"
    jq -c 'map({key, value: .mod_revision}) | from_entries' "$WORK/base/stored.new" >"$WORK/base/revisions"
    mv "$WORK/base/stored.new" "$WORK/base/stored"
}

# One pass: what is not in the base state goes, what is missing or was written since comes back; each into `written`.
# Revisions only grow, as in a cluster that people put back by hand: whoever remembers one never sees it for other contents.
kube_restore_pass() {
    local base=$WORK/base what key body revision
    kube_stored true >"$base/now" || return 1
    jq -rn --slurpfile stored "$base/stored" --slurpfile revisions "$base/revisions" --slurpfile now "$base/now" '
        ($now[0] | map({key, value: .mod_revision}) | from_entries) as $now
        | ([$now | keys_unsorted[] | select(in($revisions[0]) | not)] as $foreign
            | range(0; $foreign | length; 1000) as $first
            | "txn - \({success: [$foreign[$first:$first + 1000][] | {request_delete_range: {key: .}}]})"),
          ($stored[0][] | select($now[.key] != $revisions[0][.key]) | "put \(.key) \({key, value})")' >"$base/todo" || return 1
    : >"$base/written"
    while read -r what key body; do
        revision=$(kube_etcd "$what" <<<"$body" | jq -er .header.revision) || return 1
        printf '%s %s %s\n' "$what" "$key" "$revision" >>"$base/written"
    done <"$base/todo"
    # Only what a put of ours wrote is known to be the base state: a server may have written the same key since.
    jq -cRn --slurpfile revisions "$base/revisions" '
        reduce (inputs / " " | select(.[0] == "put")) as [$what, $key, $revision] ($revisions[0]; .[$key] = $revision)' \
        "$base/written" >"$base/revisions.new" || return 1
    mv "$base/revisions.new" "$base/revisions"
}
kube_restored() { kube_restore_pass && [[ ! -s $WORK/base/written ]]; }

# The base state, below running servers; they see it as any other change. Without the controllers, which would answer it.
kube_restore() {
    local url
    rig_wait 180 kube_restored || rig_die 'the base state does not stay' "$WORK/base/written"
    for url in "$KUBE_SERVER" "$KUBE_SERVER_BUSY"; do
        rig_wait 180 kube_kinds_are_base "$url" || rig_die "$url does not serve the kinds of the base state"
    done
    # What the servers wrote by themselves while kinds came and went.
    rig_wait 180 kube_restored || rig_die 'the base state does not stay' "$WORK/base/written"
}

# What the base state is made of: another one is made anew.
kube_stamp() { { echo "$KUBE_BUILD"; cat "$KUBE_SCRIPTS/lib.sh" "$KUBE_SCRIPTS/objects.yaml"; } | sha256sum | cut -d' ' -f1; }
kube_has_base() { [[ -e $WORK/base/stored && $(cat "$WORK/base/stamp" 2>/dev/null) == "$(kube_stamp)" ]]; }
