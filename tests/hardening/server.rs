//! An API server that means harm: answers without end, and waits without end.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use sitewright::live::kubernetes::{Cluster, Connection, FailureKind, Scope, config_maps};

/// Serves each request with what `answer` writes, and binds a cluster to it.
fn cluster(folder: &tempfile::TempDir, answer: fn(&mut TcpStream) -> std::io::Result<()>) -> Cluster {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream, answer));
        }
    });
    let path = folder.path().join("kubeconfig");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{{ name: c, context: {{ cluster: k, user: u }} }}]\n\
         clusters: [{{ name: k, cluster: {{ server: \"http://{address}\" }} }}]\nusers: [{{ name: u, user: {{ token: t }} }}]\n"
    );
    std::fs::write(&path, text).unwrap();
    Cluster::new(Connection { kubeconfig: Some(path), context: None, namespace: "sitewright".to_owned() })
}

/// Requests have no body here.
fn serve(stream: TcpStream, answer: fn(&mut TcpStream) -> std::io::Result<()>) {
    // Answers are small and many.
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
        }
        if answer(&mut stream).is_err() {
            return;
        }
    }
}

fn whole(stream: &mut TcpStream, head: &str, body: &[u8]) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {head}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len())?;
    stream.write_all(body)
}

/// Lists ConfigMaps; gives the failure and how long it took.
fn listed(answer: fn(&mut TcpStream) -> std::io::Result<()>) -> (FailureKind, String, Duration) {
    let folder = tempfile::tempdir().unwrap();
    let cluster = cluster(&folder, answer);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let started = Instant::now();
    let failure = runtime.block_on(cluster.list(&config_maps(), Scope::default())).unwrap_err();
    (failure.kind.clone(), failure.title(), started.elapsed())
}

#[test]
fn an_answer_without_end_is_cut() {
    let (kind, said, _) = listed(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"kind\":\"")?;
        loop {
            stream.write_all(&vec![b'x'; 1 << 16])?;
        }
    });
    assert!(kind == FailureKind::Garbled && said.contains("more than 128 MB"), "{said}");
}

#[test]
fn a_small_answer_may_not_become_a_large_one() {
    let (kind, said, _) = listed(|stream| {
        let mut body = b"{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"items\":[".to_vec();
        body.extend(b"0,".repeat(9_000_000));
        body.extend(b"0]}");
        whole(stream, "200 OK", &body)
    });
    assert!(kind == FailureKind::Garbled && said.contains("values"), "{said}");
}

#[test]
fn pages_without_end_are_cut() {
    let (kind, said, elapsed) = listed(|stream| {
        let body = br#"{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"continue":"more"},"items":[]}"#;
        whole(stream, "200 OK", body)
    });
    assert!(kind == FailureKind::Garbled && said.contains("does not end"), "{said}");
    assert!(elapsed < Duration::from_secs(60), "{elapsed:?}");
}

#[test]
fn a_wait_without_end_is_an_error_at_once() {
    for answer in [
        |stream: &mut TcpStream| whole(stream, "429 Too Many Requests\r\nretry-after: 18446744073709551615", b"{}"),
        |stream: &mut TcpStream| {
            let body = br#"{"kind":"Status","code":429,"details":{"retryAfterSeconds":9223372036854775807}}"#;
            whole(stream, "429 Too Many Requests", body)
        },
    ] {
        let (kind, said, elapsed) = listed(answer);
        assert!(matches!(kind, FailureKind::TooMany { .. }), "{said}");
        assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
    }
}
