//! The wire to one API server: HTTP/2 over rustls, a bound on what is under way, and retries of our own.
//!
//! kube's own client speaks HTTP/1.1 only, hides status codes and warnings, and retries for minutes; its layers for the
//! kubeconfig's credentials, certificates and proxies are used.

use std::error::Error as _;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, WARNING};
use hyper::body::Body as _;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::{Body, ConfigExt};
use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, sleep, timeout_at};
use tower::{BoxError, ServiceBuilder};

use super::classify::{classify_hiding, one_line};
use super::connection::Connection;
use super::failure::{Failure, FailureKind};
use crate::kubernetes::held::Held;
use crate::live::transport::{find_program, search_path};

/// Reads under way at once: a list costs the server up to ten seats of its fairness, a hundred where it counts bytes.
const READS: usize = 4;
/// Writes under way at once: the share of an ordinary user is about fifty seats.
const WRITES: usize = 32;
/// How often a request is sent.
const TRIES: u32 = 5;
/// First upper bound of a wait between tries; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Longest time for one answer; the server itself gives up after 60 s.
const ANSWER_LIMIT: Duration = Duration::from_secs(75);
/// Longest time for a request with all its tries.
const LIMIT: Duration = Duration::from_secs(180);
/// Longest answer that is taken, before and after decompression: a page of 500 objects is far below.
const ANSWER_BYTES: u64 = 128 << 20;
/// Most values in an answer: a byte or two of JSON can take seventy bytes of memory.
const ANSWER_VALUES: usize = 8_000_000;

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// `GET`, `PATCH`, `POST` (reviews only) or `DELETE`.
    pub(super) method: http::Method,
    /// Path with its query, as the server sees it.
    pub(super) path: String,
    /// `Accept`.
    pub(super) accept: &'static str,
    /// `Content-Type` and what is sent.
    pub(super) body: Option<(&'static str, Vec<u8>)>,
}

/// JSON.
pub(super) const JSON: &str = "application/json";

impl Ask {
    /// A reading request.
    pub(super) fn get(path: String) -> Self {
        Self { method: http::Method::GET, path, accept: JSON, body: None }
    }
}

/// One answer with a status below 400.
#[derive(Debug)]
pub(super) struct Reply {
    /// Its body, as it came.
    body: Vec<u8>,
    gzip: bool,
    /// Texts of the `Warning` headers.
    pub(super) warnings: Vec<String>,
}

impl Reply {
    /// Its value. Large ones are unpacked beside the thread that reads the network.
    pub(super) async fn parse<T: serde::de::DeserializeOwned + Send + 'static>(self) -> Result<T, Failure> {
        self.parse_counted().await.map(|(value, _)| value)
    }

    /// The same with how many values it has at most.
    pub(super) async fn parse_counted<T>(self) -> Result<(T, usize), Failure>
    where
        T: serde::de::DeserializeOwned + Send + 'static,
    {
        if self.body.len() < 32 * 1024 {
            return self.counted();
        }
        match tokio::task::spawn_blocking(move || self.counted()).await {
            Ok(parsed) => parsed,
            Err(error) => Err(Failure::new(FailureKind::Other, error.to_string())),
        }
    }

    fn counted<T: serde::de::DeserializeOwned>(self) -> Result<(T, usize), Failure> {
        let bytes = if self.gzip { unpacked(&self.body)? } else { self.body };
        // Each value but the first stands behind one of these; those in texts count too, which does no harm.
        let values = 1 + bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
        if values > ANSWER_VALUES {
            return Err(Failure::new(FailureKind::Garbled, format!("the answer has more than {ANSWER_VALUES} values")));
        }
        let parsed = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::new(FailureKind::Garbled, format!("the answer is not what the API promises: {error}"))
        })?;
        Ok((parsed, values))
    }
}

fn too_long() -> Failure {
    Failure::new(FailureKind::Garbled, format!("the answer has more than {} MB", ANSWER_BYTES >> 20))
}

/// The bytes of an answer, no more of them than are taken.
async fn collected(body: Body, server: &str) -> Result<Vec<u8>, Failure> {
    let mut body = std::pin::pin!(body);
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame = frame.map_err(|error| broken(server, &error))?;
        let Some(data) = frame.data_ref() else { continue };
        if (bytes.len() + data.len()) as u64 > ANSWER_BYTES {
            return Err(too_long());
        }
        bytes.extend_from_slice(data);
    }
    Ok(bytes)
}

fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::with_capacity(bytes.len().saturating_mul(12).min(64 << 20));
    match flate2::read::MultiGzDecoder::new(bytes).take(ANSWER_BYTES + 1).read_to_end(&mut out) {
        Ok(_) if out.len() as u64 > ANSWER_BYTES => Err(too_long()),
        Ok(_) => Ok(out),
        Err(error) => Err(Failure::new(FailureKind::Garbled, format!("the answer is cut off: {error}"))),
    }
}

/// What is spoken to: made at the first request, and again when the credentials have run out.
struct Wire {
    client: kube::Client,
    server: String,
    context: String,
    gzip: bool,
}

/// The wire and its counters.
pub(super) struct Client {
    wire: Mutex<Option<Arc<Wire>>>,
    reads: Semaphore,
    writes: Semaphore,
    requests: AtomicU32,
    bytes: AtomicU64,
    /// What no message may show.
    held: std::sync::Mutex<Held>,
}

impl Client {
    pub(super) fn new() -> Self {
        Self {
            wire: Mutex::new(None),
            reads: Semaphore::new(READS),
            writes: Semaphore::new(WRITES),
            requests: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
            held: std::sync::Mutex::default(),
        }
    }

    /// Keeps the secrets of objects out of all that is said from now on.
    pub(super) fn hold<'a>(&self, objects: impl IntoIterator<Item = &'a serde_json::Value>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        objects.into_iter().for_each(|object| held.hold(object));
    }

    /// A text of a server without what is held.
    pub(super) fn hide(&self, text: &str, names: &[&str]) -> String {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).hide(text, names)
    }

    /// Requests sent, tries counted, and bytes of answers as they came.
    pub(super) fn counts(&self) -> (u32, u64) {
        (self.requests.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    /// The server's address and the context by which it is reached.
    pub(super) async fn reached(&self, connection: &Connection) -> Result<(String, String), Failure> {
        let wire = self.wire(connection).await?;
        Ok((wire.server.clone(), wire.context.clone()))
    }

    async fn wire(&self, connection: &Connection) -> Result<Arc<Wire>, Failure> {
        let mut held = self.wire.lock().await;
        if let Some(wire) = held.as_ref() {
            return Ok(wire.clone());
        }
        let wire = Arc::new(connect(connection).await?);
        *held = Some(wire.clone());
        Ok(wire)
    }

    /// Forgets credentials that were refused, unless somebody did already.
    async fn forget(&self, refused: &Arc<Wire>) {
        let mut held = self.wire.lock().await;
        if held.as_ref().is_some_and(|wire| Arc::ptr_eq(wire, refused)) {
            *held = None;
        }
    }

    /// Sends a request until it is answered, refused for good, or out of time.
    pub(super) async fn send(&self, connection: &Connection, ask: &Ask) -> Result<Reply, Failure> {
        let bound = if ask.method == http::Method::GET { &self.reads } else { &self.writes };
        let _permit = bound.acquire().await;
        let deadline = Instant::now() + LIMIT;
        let mut refreshed = false;
        let mut tries = 1;
        loop {
            let wire = self.wire(connection).await?;
            let until = deadline.min(Instant::now() + ANSWER_LIMIT);
            let failure = match timeout_at(until, self.once(&wire, ask)).await {
                Ok(Ok(reply)) => return Ok(reply),
                Ok(Err(failure)) => failure,
                Err(_) => Failure::new(
                    FailureKind::Unreachable,
                    format!("`{}` did not answer within {} s", wire.server, ANSWER_LIMIT.as_secs()),
                ),
            };
            if failure.kind == FailureKind::Unauthorized && !refreshed {
                // The kubeconfig is read and its credential plugin run once more.
                refreshed = true;
                self.forget(&wire).await;
                continue;
            }
            let pause = pause(&failure, tries);
            if !failure.passes() || tries == TRIES || Instant::now() + pause >= deadline {
                return Err(failure);
            }
            sleep(pause).await;
            tries += 1;
        }
    }

    /// Hides what is held, and what is sent; names in the request's path are known.
    fn hider(&self, ask: &Ask) -> impl Fn(&str) -> String {
        let sent = || {
            let (_, bytes) = ask.body.as_ref()?;
            Some(Held::of(&serde_json::from_slice(bytes).ok()?))
        };
        move |text| {
            let names: Vec<&str> = ask.path.split(['/', '?']).collect();
            let text = self.hide(text, &names);
            sent().map_or_else(|| text.clone(), |sent| sent.hide(&text, &names))
        }
    }

    async fn once(&self, wire: &Wire, ask: &Ask) -> Result<Reply, Failure> {
        let mut request = http::Request::builder().method(ask.method.clone()).uri(&ask.path).header(ACCEPT, ask.accept);
        if wire.gzip {
            request = request.header(ACCEPT_ENCODING, "gzip");
        }
        let body = match &ask.body {
            Some((kind, bytes)) => {
                request = request.header(CONTENT_TYPE, *kind);
                Body::from(bytes.clone())
            }
            None => Body::empty(),
        };
        let request = request
            .body(body)
            .map_err(|error| Failure::new(FailureKind::Invalid, format!("no request can be made of it: {error}")))?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let response = wire.client.send(request).await.map_err(|error| broken(&wire.server, &error))?;
        let (parts, body) = response.into_parts();
        let bytes = collected(body, &wire.server).await?;
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let gzip = header(CONTENT_ENCODING).is_some_and(|text| text.eq_ignore_ascii_case("gzip"));
        let status = parts.status.as_u16();
        if status >= 300 {
            let after = header(RETRY_AFTER).and_then(|text| text.trim().parse().ok());
            let bytes = if gzip { unpacked(&bytes)? } else { bytes };
            return Err(classify_hiding(status, after, &bytes, &self.hider(ask)));
        }
        let hide = self.hider(ask);
        let warnings =
            parts.headers.get_all(WARNING).iter().filter_map(|value| warning(&hide(value.to_str().ok()?))).collect();
        Ok(Reply { body: bytes, gzip, warnings })
    }
}

/// How long to wait before the next try: as long as the server says, and some time by chance, so that many who were refused
/// together do not come back together.
fn pause(failure: &Failure, tries: u32) -> Duration {
    let chance = u32::try_from(RandomState::new().build_hasher().finish() % 1024).unwrap_or_default();
    let bound = FIRST_WAIT.saturating_mul(1 << tries.min(8).saturating_sub(1));
    let jitter = bound * chance / 1024;
    match &failure.kind {
        FailureKind::TooMany { after: Some(after) } => *after + jitter,
        _ => jitter,
    }
}

/// The text of `299 - "apps/v1beta1 Deployment is deprecated"` (RFC 7234, 5.5).
fn warning(text: &str) -> Option<String> {
    let inner = text.split_once('"')?.1.rsplit_once('"')?.0;
    Some(one_line(&inner.replace("\\\"", "\"").replace("\\\\", "\\")))
}

/// What went wrong on the way.
fn broken(server: &str, error: &kube::Error) -> Failure {
    let mut said = vec![error.to_string()];
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if !said.iter().any(|one| one.contains(&text)) {
            said.push(text);
        }
        source = inner.source();
    }
    let text = said.join(": ");
    let last = said.last().map_or("", String::as_str);
    if text.contains("auth exec") || text.contains("exec-plugin") || text.contains("token") && text.contains("refresh")
    {
        return wrong(&text);
    }
    let tls = ["certificate", "fatal alert", "corrupt message", "InvalidContentType", "HandshakeFailure"];
    if tls.iter().any(|word| text.contains(word)) {
        let kind = FailureKind::Tls { server: host_and_port(server) };
        return Failure::new(kind, format!("no trusted connection to `{server}`: {}", one_line(last)));
    }
    Failure::new(FailureKind::Unreachable, format!("`{server}` does not answer: {}", one_line(last)))
}

/// `https://api.example/a` → `api.example:443`.
fn host_and_port(server: &str) -> String {
    let (scheme, rest) = server.split_once("://").unwrap_or(("https", server));
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    // An address of IPv6 has colons of its own, inside brackets.
    match host.rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') => host.to_owned(),
        _ => format!("{host}:{}", if scheme == "http" { 80 } else { 443 }),
    }
}

fn wrong(error: &dyn std::fmt::Display) -> Failure {
    let text = error.to_string();
    // The errors of kube quote what a credential plugin printed, its arguments, and the lines that could not be read.
    let told = if let Some((_, why)) = text.split_once("failed to parse kubeconfig YAML") {
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
        let line = why.split_once("line ").map(|(_, rest)| digits(rest)).filter(|line| !line.is_empty());
        let place = line.map_or_else(String::new, |line| format!(" (line {line})"));
        format!("the kubeconfig is not what it has to be{place}")
    } else if text.contains("auth exec command") {
        let status = text.split_once("failed with status ").and_then(|(_, rest)| rest.split_once(": "));
        format!("the credential plugin failed: {}", status.map_or("see what it printed", |(status, _)| status))
    } else if ["auth exec", "exec-plugin", "exec auth", "token response"].iter().any(|mark| text.contains(mark)) {
        format!("the credential plugin failed: {}", unquoted(&text))
    } else if ["failed to parse", "failed to decode"].iter().any(|mark| text.contains(mark)) {
        unquoted(&text)
    } else {
        text
    };
    Failure::new(FailureKind::Configuration, one_line(&told))
}

/// The first line of a text, without what stands in quotes, up to the last of them: a value may have quotes inside.
fn unquoted(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match (line.find(['"', '`']), line.rfind(['"', '`'])) {
        (Some(from), Some(until)) if from < until => format!("{}…{}", &line[..=from], &line[until..]),
        (Some(from), _) => format!("{}…", &line[..=from]),
        _ => line.to_owned(),
    }
}

/// An address without the user and password that may stand in it.
fn without_user(address: &http::Uri) -> String {
    let text = address.to_string();
    match (text.split_once("://"), address.authority().and_then(|one| one.as_str().rsplit_once('@'))) {
        (Some((scheme, rest)), Some(_)) => {
            format!("{scheme}://{}", rest.split_once('@').map_or(rest, |(_, host)| host))
        }
        _ => text,
    }
}

/// Reads the kubeconfig and makes a client; nothing is sent.
async fn connect(connection: &Connection) -> Result<Wire, Failure> {
    let (config, context) = configuration(connection).await?;
    let server = without_user(&config.cluster_url).trim_end_matches('/').to_owned();
    let gzip = !config.disable_compression;
    // Credential plugins are programs: kube waits for them where it stands.
    let made = tokio::task::spawn_blocking(move || client(&config)).await;
    let client = made.map_err(|error| wrong(&error))??;
    Ok(Wire { client, server, context, gzip })
}

async fn configuration(connection: &Connection) -> Result<(Config, String), Failure> {
    let options = KubeConfigOptions { context: connection.context.clone(), ..KubeConfigOptions::default() };
    let read = match &connection.kubeconfig {
        Some(path) => read_file(path),
        None => match Kubeconfig::read() {
            Err(_) if connection.context.is_none() && std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() => {
                let config = Config::incluster().map_err(|error| wrong(&error))?;
                return Ok((config, "in-cluster".to_owned()));
            }
            other => other.map_err(|error| wrong(&error)),
        },
    }?;
    let context = connection.context.clone().or_else(|| read.current_context.clone()).unwrap_or_default();
    let known: Vec<String> = read.contexts.iter().map(|one| one.name.clone()).collect();
    if !known.contains(&context) {
        let list = known.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
        return Err(wrong(&format!("the kubeconfig has no context `{context}`; it has {list}")));
    }
    let config =
        Config::from_custom_kubeconfig(without_current_folder(read), &options).await.map_err(|error| wrong(&error))?;
    // kube does not survive such a token.
    let user = serde_json::to_value(&config.auth_info).unwrap_or_default();
    let token = user.get("token").and_then(serde_json::Value::as_str);
    if token.is_some_and(|token| http::HeaderValue::from_str(token).is_err()) {
        return Err(wrong(&"the token in the kubeconfig has signs that cannot be sent, e.g. an end of line"));
    }
    Ok((config, context))
}

/// The kubeconfig with credential plugins that are not looked for in the current folder, which may be a stranger's.
fn without_current_folder(mut read: Kubeconfig) -> Kubeconfig {
    for user in read.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        if let Some(exec) = &mut user.exec {
            let path = search_path().to_string_lossy().into_owned();
            let variable = [("name".to_owned(), "PATH".to_owned()), ("value".to_owned(), path)].into();
            // The first: a `PATH` of the kubeconfig itself comes after it and counts.
            exec.env.get_or_insert_default().insert(0, variable);
        }
        let program = user.auth_provider.as_mut().and_then(|provider| provider.config.get_mut("cmd-path"));
        if let Some(program) = program.filter(|program| !program.contains('/')) {
            let found = find_program(program).unwrap_or_else(|| Path::new("/usr/bin").join(&*program));
            *program = found.to_string_lossy().into_owned();
        }
    }
    read
}

fn read_file(path: &Path) -> Result<Kubeconfig, Failure> {
    Kubeconfig::read_from(path).map_err(|error| wrong(&error))
}

fn client(config: &Config) -> Result<kube::Client, Failure> {
    let mut plain = HttpConnector::new();
    plain.enforce_http(false);
    plain.set_nodelay(true);
    plain.set_connect_timeout(Some(Duration::from_secs(10)));
    let Some(proxy) = &config.proxy_url else { return stack(config, plain) };
    match proxy.scheme_str() {
        Some("socks5") => stack(config, SocksV5::new(proxy.clone(), plain)),
        Some("http") => {
            let tunnel = Tunnel::new(proxy.clone(), plain);
            stack(config, tunnel)
        }
        _ => Err(wrong(&format!("a proxy has to be `http://…` or `socks5://…`, not `{}`", without_user(proxy)))),
    }
}

fn stack<C>(config: &Config, connector: C) -> Result<kube::Client, Failure>
where
    C: tower::Service<http::Uri> + Clone + Send + Sync + 'static,
    C::Response:
        hyper_util::client::legacy::connect::Connection + hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
    C::Future: Send + 'static,
    C::Error: Into<BoxError>,
{
    let tls = config.rustls_client_config().map_err(|error| wrong(&error))?;
    let mut https = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
    if let Some(name) = &config.tls_server_name {
        let name = rustls_pki_types::ServerName::try_from(name.clone()).map_err(|error| wrong(&error))?;
        https = https.with_server_name_resolver(hyper_rustls::FixedServerNameResolver::new(name));
    }
    let https = https.enable_all_versions().wrap_connector(connector);
    let hyper = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .http2_adaptive_window(true)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_timeout(Duration::from_secs(20))
        .build::<_, Body>(https);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer().map_err(|error| wrong(&error))?)
        .layer(config.extra_headers_layer().map_err(|error| wrong(&error))?)
        .map_err(BoxError::from)
        .service(hyper);
    Ok(kube::Client::new(service, config.default_namespace.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_to_look_at_a_certificate() {
        for (server, wanted) in [
            ("https://127.0.0.1:6443", "127.0.0.1:6443"),
            ("https://api.example/clusters/c-1", "api.example:443"),
            ("https://[fd00::1]", "[fd00::1]:443"),
            ("https://[fd00::1]:6443/x", "[fd00::1]:6443"),
            ("http://api.example", "api.example:80"),
        ] {
            assert_eq!(host_and_port(server), wanted);
        }
        let kind = FailureKind::Tls { server: "127.0.0.1:6443".to_owned() };
        let hint = Failure::new(kind, "no trusted connection").hint().unwrap_or_default();
        assert!(hint.contains("-connect 127.0.0.1:6443 </dev/null"), "{hint}");
    }
}
