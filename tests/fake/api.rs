//! An API server made of answers: what it serves at first is an empty cluster that nobody has applied to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

use super::fake::Fake;

/// Path of the set's parent.
pub const PARENT: &str = "/api/v1/namespaces/sitewright/configmaps/sitewright-nordlys";

/// Binds the target `services` to a server with these answers besides its own, by path, in the environment `kube`.
pub fn serve(fake: &Fake, answers: &[(&str, u16, Value)]) {
    let discovery = json!({"kind": "APIGroupDiscoveryList", "items": []});
    let mut all = BTreeMap::from([
        ("/version".to_owned(), (200, json!({"gitVersion": "v1.36.3"}))),
        ("/api".to_owned(), (200, discovery.clone())),
        ("/apis".to_owned(), (200, discovery)),
        (PARENT.to_owned(), (404, status(404, "NotFound", "configmaps \"sitewright-nordlys\" not found"))),
    ]);
    for (path, code, answer) in answers {
        all.insert((*path).to_owned(), (*code, answer.clone()));
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let all = all.clone();
            std::thread::spawn(move || answer(stream, &all));
        }
    });
    fake.write(
        "kubeconfig",
        &format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: nordlys\ncontexts: [{{ name: nordlys, context: {{ cluster: c, user: u }} }}]\n\
             clusters: [{{ name: c, cluster: {{ server: \"http://{address}\" }} }}]\nusers: [{{ name: u, user: {{ token: t }} }}]\n"
        ),
    );
    fake.write(
        "sitewright.yaml",
        "targets:\n  compute: { kube: { twin: {} } }\n  services: { kube: { kubernetes: { kubeconfig: kubeconfig } } }\n",
    );
}

/// A refusal.
pub fn status(code: u16, reason: &str, message: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message})
}

/// Answers one connection, request by request.
fn answer(mut stream: TcpStream, all: &BTreeMap<String, (u16, Value)>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(number) = line.to_lowercase().strip_prefix("content-length:") {
                length = number.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let path = first.split(' ').nth(1).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        let missing = (404, json!("404 page not found"));
        let (code, answer) = all.get(path).unwrap_or(&missing);
        let text = answer.to_string();
        let head =
            format!("HTTP/1.1 {code} -\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", text.len());
        if stream.write_all((head + &text).as_bytes()).is_err() {
            return;
        }
    }
}
