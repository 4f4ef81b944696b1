//! Download of MNIST through a proxy that replaces the mirrors' certificates, as those of companies do.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use common::trainer;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tempfile::{TempDir, tempdir};

/// Variables that set certificates or proxies.
const VARIABLES: [&str; 10] = [
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// Returns a file of `tests/tls`, which its `make.sh` has made.
fn tls(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/tls")
        .join(name)
}

/// Starts a proxy that answers requests for a connection with `status`, and all requests in the connection with
/// `body`. Returns its address.
fn proxy(status: &'static str, body: &'static [u8]) -> String {
    let certificate = CertificateDer::from_pem_file(tls("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(tls("server.key")).unwrap();
    let provider = rustls::crypto::ring::default_provider();
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // The client hangs up when it does not trust the certificate.
            let _ = answer(stream, status, body, &config);
        }
    });
    address
}

fn answer(
    mut stream: TcpStream,
    status: &str,
    body: &[u8],
    config: &Arc<ServerConfig>,
) -> std::io::Result<()> {
    read_head(&stream)?;
    write!(stream, "HTTP/1.1 {status}\r\n\r\n")?;
    if !status.starts_with("200") {
        return Ok(());
    }
    let connection = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    read_head(&mut stream)?;
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(body)?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// Reads the head of a request.
fn read_head(stream: impl Read) -> std::io::Result<()> {
    for line in BufReader::new(stream).lines() {
        if line?.is_empty() {
            break;
        }
    }
    Ok(())
}

/// Runs `trainer data` with an empty cache and these variables. Returns its success and standard error.
fn read_data(dataset: &str, variables: &[(&str, &str)]) -> (bool, String) {
    let folder = tempdir().unwrap();
    let mut command = trainer();
    command
        .args(["data", "--dataset", dataset, "--out", "sheet.png"])
        .current_dir(&folder)
        .env("XDG_CACHE_HOME", folder.path())
        .env("HOME", folder.path());
    for name in VARIABLES {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    (output.status.success(), text)
}

/// Returns the error of `trainer data --dataset mnist` through a proxy.
fn mnist_error(address: &str, variables: &[(&str, &str)]) -> String {
    let proxy = format!("http://{address}");
    let variables = [variables, &[("HTTPS_PROXY", &*proxy)]].concat();
    let (is_success, text) = read_data("mnist", &variables);
    assert!(!is_success, "{text}");
    text
}

fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in: {text}");
    }
}

/// Returns a folder with a file of this content, and its path.
fn file(content: &[u8]) -> (TempDir, String) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("authority.pem");
    fs::write(&path, content).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn certificates_of_the_environment_are_trusted_and_a_login_page_is_called_so() {
    let address = proxy("200 OK", b"<!-- portal -->\n<html>Please log in</html>");
    let (folder, path) = file(&fs::read(tls("authority.pem")).unwrap());
    let folder = folder.path().to_str().unwrap();
    let folders = format!("/no/such/folder:{folder}");
    for variable in [
        ("SSL_CERT_FILE", &*path),
        ("SSL_CERT_DIR", folder),
        ("SSL_CERT_DIR", &*folders),
    ] {
        let text = mnist_error(&address, &[variable]);
        assert_says(
            &text,
            &[
                "error: cannot get MNIST: train-images-idx3-ubyte.gz is not in ",
                "the response is a web page (HTML) instead of a gzip file; the network may ask for a login",
                "go online once",
            ],
        );
    }
    for variables in [&[][..], &[("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", "")]] {
        let text = mnist_error(&address, variables);
        assert_says(
            &text,
            &[
                "the issuer of the server's certificate is unknown",
                "set SSL_CERT_FILE to a file with the certificate of its authority",
            ],
        );
    }
}

#[test]
fn other_responses_are_named() {
    let (_folder, path) = file(&fs::read(tls("authority.pem")).unwrap());
    let address = proxy("200 OK", b"PK\x03\x04");
    let text = mnist_error(&address, &[("SSL_CERT_FILE", &path)]);
    assert_says(
        &text,
        &["the response is a ZIP archive instead of a gzip file"],
    );
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let unreachable = mnist_error(&closed.to_string(), &[]);
    let message = format!("no response through the proxy {closed} of HTTPS_PROXY: ");
    assert_says(&unreachable, &[&message]);
    let blocked = mnist_error(&proxy("403 Forbidden", b""), &[]);
    assert_says(
        &blocked,
        &[
            "no response through the proxy 127.0.0.1:",
            "of HTTPS_PROXY",
            "403",
        ],
    );
}

#[test]
fn unusable_certificates_are_errors_even_if_other_data_could_be_used() {
    let key = fs::read(tls("server.key")).unwrap();
    let invalid = b"-----BEGIN CERTIFICATE-----\nZGlnaXRz\n-----END CERTIFICATE-----\n";
    let cases: [(&[u8], &str); 3] = [
        (
            &key,
            "contains no valid certificate in PEM form, it is a text file",
        ),
        (b"\x89PNG\r\n\x1a\n", "it is a PNG image"),
        (invalid, "contains no valid certificate"),
    ];
    for dataset in ["auto", "mnist"] {
        for (content, cause) in cases {
            let (_folder, path) = file(content);
            let (is_success, text) = read_data(dataset, &[("SSL_CERT_FILE", &path)]);
            assert!(!is_success, "{text}");
            let start = format!("error: cannot get MNIST: SSL_CERT_FILE: {path} ");
            assert_says(&text, &[&start, cause, "correct the variable or unset it"]);
        }
        let (folder, path) = file(&key);
        let missing = format!("{path}x");
        let folder = folder.path().to_str().unwrap();
        let [missing_file, missing_folder, useless] = [
            ("SSL_CERT_FILE", missing.as_str()),
            ("SSL_CERT_DIR", missing.as_str()),
            ("SSL_CERT_DIR", folder),
        ]
        .map(|variable| read_data(dataset, &[variable]).1);
        assert_says(
            &missing_file,
            &[&format!(
                "error: cannot get MNIST: SSL_CERT_FILE: cannot read {missing}: there is no such file"
            )],
        );
        assert_says(
            &missing_folder,
            &[&format!(
                "error: cannot get MNIST: SSL_CERT_DIR: the folder {missing} does not exist"
            )],
        );
        assert_says(
            &useless,
            &[&format!(
                "error: cannot get MNIST: SSL_CERT_DIR: {folder} contains no valid certificate"
            )],
        );
    }
}

#[test]
fn unusable_proxies_are_errors_even_if_other_data_could_be_used() {
    for dataset in ["auto", "mnist"] {
        for (variable, value, shown) in [
            (
                "HTTPS_PROXY",
                "http://",
                "http:// is not the URL of a proxy",
            ),
            ("https_proxy", "ftp://u:secret@host", "ftp://host is not"),
            ("ALL_PROXY", "http://host:99999", "http://host:99999 is not"),
            ("HTTP_PROXY", "a b", "a b is not the URL"),
            (
                "all_proxy",
                "socks5h://u:secret@host:1080",
                "socks5h://host:1080 is a SOCKS proxy, which is not supported",
            ),
        ] {
            let (is_success, text) = read_data(dataset, &[("HTTPS_PROXY", ""), (variable, value)]);
            assert!(!is_success && !text.contains("secret"), "{text}");
            assert_says(
                &text,
                &[
                    &format!("error: cannot get MNIST: {variable}: {shown}"),
                    "set it to http://HOST:PORT, or unset it",
                ],
            );
        }
        let address = proxy("407 Proxy Authentication Required", b"");
        let (is_success, text) = read_data(dataset, &[("ALL_PROXY", &address)]);
        assert!(!is_success, "{text}");
        let message = format!(
            "error: cannot get MNIST: the proxy {address} of ALL_PROXY asks for a user name and a password; set \
             ALL_PROXY to http://USER:PASSWORD@{address}"
        );
        assert_says(&text, &[&message]);
    }
}
