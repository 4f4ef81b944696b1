//! Local HTTP server of the files in a folder.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// First port that is tried if none is specified.
pub const DEFAULT_PORT: u16 = 8080;
/// Number of ports that are tried.
const PORTS: u16 = 20;
/// Largest request line with headers in bytes.
const MAX_REQUEST: usize = 16_384;
/// Largest number of headers of a request.
const MAX_HEADERS: usize = 64;
/// Longest wait for a client.
const TIMEOUT: Duration = Duration::from_secs(10);

/// HTTP server of the files in one folder, without its sub-folders.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    folder: PathBuf,
}

/// Response to a request.
#[derive(Debug, PartialEq, Eq)]
struct Response {
    status: &'static str,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Server {
    /// Opens a port on the loopback address: `port`, or if it is `None` the first free port from [`DEFAULT_PORT`] on. Port 0
    /// selects any free port.
    ///
    /// # Errors
    /// If the port cannot be opened, or none of the ports is free.
    pub fn bind(folder: &Path, port: Option<u16>) -> Result<Self> {
        let listener = match port {
            Some(port) => listen(port).with_context(|| {
                format!(
                    "cannot open port {port}: choose another one with --port, or omit --port to use a free one"
                )
            })?,
            None => first_free(DEFAULT_PORT..DEFAULT_PORT + PORTS)?,
        };
        Ok(Self {
            listener,
            folder: folder.to_owned(),
        })
    }

    /// Returns the address of the page.
    ///
    /// # Errors
    /// If the system does not know the address.
    pub fn address(&self) -> Result<String> {
        Ok(format!("http://{}/", self.listener.local_addr()?))
    }

    /// Serves requests until the process ends, each connection in a thread of its own: browsers open more than they use.
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub fn run(self) -> Result<()> {
        for stream in self.listener.incoming() {
            // The error of one client does not affect the others.
            let Ok(stream) = stream else { continue };
            let folder = self.folder.clone();
            thread::Builder::new().spawn(move || {
                let _ = serve(stream, &folder);
            })?;
        }
        Ok(())
    }
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

fn first_free(ports: std::ops::Range<u16>) -> Result<TcpListener> {
    for port in ports.clone() {
        match listen(port) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            result => return result.with_context(|| format!("cannot open port {port}")),
        }
    }
    bail!(
        "the ports {} to {} are in use: choose another one with --port",
        ports.start,
        ports.end - 1
    )
}

/// Reads one request and responds to it.
fn serve(mut stream: TcpStream, folder: &Path) -> Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let mut request = Vec::new();
    let (response, with_body) = loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk)?;
        request.extend(&chunk[..count]);
        if count == 0 {
            return Ok(());
        }
        if let Some(response) = respond(&request, folder) {
            break response;
        }
    };
    let Response {
        status,
        content_type,
        body,
    } = response;
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nAllow: GET, HEAD\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    if with_body {
        stream.write_all(&body)?;
    }
    Ok(())
}

/// Returns the response to a request, with true if its body is sent. Returns `None` while the request is incomplete.
fn respond(request: &[u8], folder: &Path) -> Option<(Response, bool)> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parser = httparse::Request::new(&mut headers);
    let response = match parser.parse(request) {
        Ok(httparse::Status::Partial) if request.len() < MAX_REQUEST => return None,
        Ok(httparse::Status::Complete(_)) => {
            let path = parser.path.unwrap_or_default();
            match parser.method.unwrap_or_default() {
                "GET" | "HEAD" => file(path, folder),
                _ => error("405 Method Not Allowed"),
            }
        }
        Ok(httparse::Status::Partial) => error("431 Request Header Fields Too Large"),
        Err(_) => error("400 Bad Request"),
    };
    Some((response, parser.method != Some("HEAD")))
}

/// Returns the file that a request names.
fn file(target: &str, folder: &Path) -> Response {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let name = match path.strip_prefix('/') {
        Some("") => "index.html",
        Some(name) => name,
        None => return error("400 Bad Request"),
    };
    if !is_plain(name) {
        return error("404 Not Found");
    }
    match fs::read(folder.join(name)) {
        Ok(body) => Response {
            status: "200 OK",
            content_type: content_type(name),
            body,
        },
        Err(_) => error("404 Not Found"),
    }
}

/// Returns true for the name of a visible file in the folder itself, without separators.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.bytes().all(plain) && !name.starts_with('.')
}

fn error(status: &'static str) -> Response {
    Response {
        status,
        content_type: "text/plain; charset=utf-8",
        body: format!("{status}\n").into_bytes(),
    }
}

/// Returns the MIME type of a file by the extension of its name.
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Starts a server of a folder with two files in a folder that has a secret, and returns the port.
    fn start(parent: &Path) -> u16 {
        let folder = parent.join("dist");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("index.html"), "<p>page").unwrap();
        fs::write(folder.join("app.wasm"), b"\0asm").unwrap();
        fs::write(folder.join(".hidden"), "secret").unwrap();
        fs::write(parent.join("outside.txt"), "secret").unwrap();
        let server = Server::bind(&folder, Some(0)).unwrap();
        let port = server.listener.local_addr().unwrap().port();
        thread::spawn(move || server.run());
        port
    }

    /// Sends a request in two parts and returns the response.
    fn exchange(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        let (first, rest) = request.as_bytes().split_at(request.len() / 2);
        stream.write_all(first).unwrap();
        thread::yield_now();
        stream.write_all(rest).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }

    fn get(port: u16, path: &str) -> String {
        exchange(
            port,
            &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        )
    }

    #[test]
    fn serves_files_with_their_types() {
        let folder = tempfile::tempdir().unwrap();
        let port = start(folder.path());
        for path in ["/", "/index.html", "/?query#model=digits"] {
            let page = get(port, path);
            assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
            assert!(
                page.contains("Content-Type: text/html; charset=utf-8\r\n"),
                "{page}"
            );
            assert!(page.ends_with("\r\n\r\n<p>page"), "{page}");
        }
        let module = get(port, "/app.wasm");
        assert!(
            module.contains("Content-Type: application/wasm\r\n"),
            "{module}"
        );
        assert!(module.ends_with("\r\n\r\n\0asm"), "{module}");
    }

    #[test]
    fn responds_to_head_without_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let port = start(folder.path());
        let head = exchange(port, "HEAD /app.wasm HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("Content-Length: 4\r\n"), "{head}");
        assert!(head.ends_with("\r\n\r\n"), "{head}");
    }

    #[test]
    fn serves_nothing_outside_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let port = start(folder.path());
        for path in [
            "/../outside.txt",
            "/..%2foutside.txt",
            "/%2e%2e/outside.txt",
            "/..\\outside.txt",
            "//etc/passwd",
            "/.hidden",
            "/..",
            "/.",
            "/C:",
            "/none.html",
        ] {
            let response = get(port, path);
            assert!(
                response.starts_with("HTTP/1.1 404 Not Found\r\n"),
                "{path}: {response}"
            );
            assert!(!response.contains("secret"), "{path}: {response}");
        }
    }

    #[test]
    fn rejects_other_methods_and_malformed_requests() {
        let long = format!("GET /{} ", "a".repeat(MAX_REQUEST));
        let many = format!("GET / HTTP/1.1\r\n{}", "x: y\r\n".repeat(MAX_HEADERS + 1));
        for (request, status) in [
            ("POST / HTTP/1.1\r\n\r\n", "405"),
            ("GET index.html HTTP/1.1\r\n\r\n", "400"),
            ("GET / HTTP/9\r\n\r\n", "400"),
            ("\u{1}\r\n\r\n", "400"),
            (&many, "400"),
            (&long, "431"),
        ] {
            let (response, _) = respond(request.as_bytes(), Path::new(".")).unwrap();
            assert!(response.status.starts_with(status), "{}", response.status);
        }
        assert!(respond(b"GET / HTTP/1.1\r\n", Path::new(".")).is_none());
    }

    #[test]
    fn takes_the_next_free_port() {
        let taken = listen(0).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = Server::bind(Path::new("."), Some(port)).unwrap_err();
        assert!(error.to_string().contains("choose another one"), "{error}");
        let error = first_free(port..port + 1).unwrap_err().to_string();
        assert!(error.contains("in use"), "{error}");
    }
}
