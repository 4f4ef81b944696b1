//! HTTP client with the certificates and the proxy that the system and the environment set.

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, anyhow};
use rustls::{
    CertificateError, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use ureq::{
    Agent, Body, Proxy, ProxyProtocol,
    http::{Response, Uri},
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::{data::format::Format, files::read};

/// Timeout of name resolution and connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Timeout without a received byte.
const STALL: Duration = Duration::from_secs(30);
/// Timeout of a whole file.
const OVERALL: Duration = Duration::from_mins(10);

const CERTIFICATE_FILE: &str = "SSL_CERT_FILE";
const CERTIFICATE_FOLDERS: &str = "SSL_CERT_DIR";
/// Variables with a proxy; the first that is set counts.
const PROXIES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "HTTP_PROXY",
    "http_proxy",
];
/// Variables with the hosts that are connected to without the proxy.
const DIRECT: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Error in an environment variable, which the user must correct: other data must not take the place of a download.
#[derive(Debug)]
pub struct EnvironmentError(String);

impl fmt::Display for EnvironmentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for EnvironmentError {}

/// Returns the value of an environment variable; an empty one counts as unset.
fn value(variable: Variable<'_>, name: &str) -> Option<OsString> {
    variable(name).filter(|value| !value.is_empty())
}

/// Function that returns the value of an environment variable.
type Variable<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// HTTP client.
pub struct Client {
    agent: Agent,
    proxy: Option<NamedProxy>,
}

/// Proxy with the variable that sets it.
struct NamedProxy {
    variable: &'static str,
    proxy: Proxy,
}

impl fmt::Display for NamedProxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (self.proxy.host(), self.proxy.port());
        write!(formatter, "the proxy {host}:{port} of {}", self.variable)
    }
}

impl Client {
    /// Creates a client from the environment variables of this process.
    ///
    /// # Errors
    /// An [`EnvironmentError`] if a variable that is set cannot be used.
    pub fn new() -> Result<Self> {
        Self::with(&|name| env::var_os(name))
    }

    fn with(variable: Variable<'_>) -> Result<Self> {
        let proxy = proxy(variable)?;
        let tls = TlsConfig::builder().root_certs(roots(variable)?).build();
        let agent = Agent::config_builder()
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(STALL))
            .timeout_global(Some(OVERALL))
            .accept_encoding("identity")
            .proxy(proxy.as_ref().map(|named| named.proxy.clone()))
            .tls_config(tls)
            .build()
            .new_agent();
        Ok(Self { agent, proxy })
    }

    /// Requests a URL.
    ///
    /// # Errors
    /// If there is no successful response; the message names the proxy and the remedy. An [`EnvironmentError`] if the
    /// proxy needs a password.
    pub fn get(&self, url: &str) -> Result<Response<Body>> {
        self.agent.get(url).call().map_err(|error| {
            let proxy = self.proxy.as_ref().filter(|named| {
                !url.parse::<Uri>()
                    .is_ok_and(|url| named.proxy.is_no_proxy(&url))
            });
            match (&error, proxy) {
                (ureq::Error::ConnectProxyFailed(reason), Some(proxy)) if reason.contains("407") => {
                    EnvironmentError(format!(
                        "{proxy} asks for a user name and a password; set {} to http://USER:PASSWORD@{}:{}",
                        proxy.variable,
                        proxy.proxy.host(),
                        proxy.proxy.port()
                    ))
                    .into()
                }
                _ if is_unknown_issuer(&error) => anyhow!(
                    "the issuer of the server's certificate is unknown; if a company's proxy replaces certificates, \
                     set {CERTIFICATE_FILE} to a file with the certificate of its authority"
                ),
                (_, Some(proxy)) => cause(error).context(format!("no response through {proxy}")),
                (_, None) => cause(error),
            }
        })
    }
}

/// Returns the error in the terms of the system.
fn cause(error: ureq::Error) -> anyhow::Error {
    match error {
        ureq::Error::Io(error) => error.into(),
        ureq::Error::HostNotFound => anyhow!("the name of the host cannot be resolved"),
        other => other.into(),
    }
}

/// Returns true if a TLS connection failed because of a certificate of an unknown authority.
fn is_unknown_issuer(error: &ureq::Error) -> bool {
    let tls = match error {
        ureq::Error::Rustls(error) => Some(error),
        ureq::Error::Io(error) => error.get_ref().and_then(|error| error.downcast_ref()),
        _ => None,
    };
    matches!(
        tls,
        Some(rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer
        ))
    )
}

/// Returns the trusted certificates: the system's and those that the environment adds, or Mozilla's list if there are
/// none.
fn roots(variable: Variable<'_>) -> Result<RootCerts> {
    let mut trusted = Vec::new();
    if let Some(file) = value(variable, CERTIFICATE_FILE) {
        trusted.extend(certificates_of_file(Path::new(&file))?);
    }
    if let Some(folders) = value(variable, CERTIFICATE_FOLDERS) {
        trusted.extend(certificates_of_folders(&folders)?);
    }
    trusted.extend(usable(system_certificates()));
    if trusted.is_empty() {
        return Ok(RootCerts::WebPki);
    }
    let certificates = trusted
        .iter()
        .map(|certificate| Certificate::from_der(certificate).to_owned());
    Ok(RootCerts::from(certificates))
}

/// Reads the certificates of a file that the user has named.
fn certificates_of_file(file: &Path) -> Result<Vec<CertificateDer<'static>>, EnvironmentError> {
    let bytes = read(file).map_err(|error| {
        EnvironmentError(format!(
            "{CERTIFICATE_FILE}: {error:#}; correct the variable or unset it"
        ))
    })?;
    let certificates = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok);
    let found = usable(certificates.collect());
    if found.is_empty() {
        return Err(EnvironmentError(format!(
            "{CERTIFICATE_FILE}: {} contains no valid certificate in PEM form, it is {}; correct the variable or \
             unset it (`openssl x509 -inform der -in FILE -out FILE.pem` converts DER)",
            file.display(),
            Format::of(&bytes).name()
        )));
    }
    Ok(found)
}

/// Reads the certificates of the folders that the user has named, in the form of `PATH`; missing ones do not matter as
/// long as there are certificates.
fn certificates_of_folders(
    folders: &OsStr,
) -> Result<Vec<CertificateDer<'static>>, EnvironmentError> {
    let mut found = Vec::new();
    for folder in env::split_paths(folders).filter(|folder| !folder.as_os_str().is_empty()) {
        found.extend(rustls_native_certs::load_certs_from_paths(None, Some(&folder)).certs);
    }
    let found = usable(found);
    if found.is_empty() {
        let cause = match env::split_paths(folders).find(|folder| !folder.is_dir()) {
            Some(folder) => format!("the folder {} does not exist", folder.display()),
            None => format!(
                "{} contains no valid certificate in PEM form",
                PathBuf::from(folders).display()
            ),
        };
        return Err(EnvironmentError(format!(
            "{CERTIFICATE_FOLDERS}: {cause}; correct the variable or unset it"
        )));
    }
    Ok(found)
}

/// Returns the certificates that the system trusts. Unreadable ones do not matter: a server may not need them.
fn system_certificates() -> Vec<CertificateDer<'static>> {
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        // `load_native_certs` takes an empty variable for a path.
        let probed = openssl_probe::probe();
        let load = |file, folder| rustls_native_certs::load_certs_from_paths(file, folder).certs;
        let mut found = load(probed.cert_file.as_deref(), None);
        if found.is_empty() {
            for folder in &probed.cert_dir {
                found.extend(load(None, Some(folder.as_path())));
            }
        }
        found
    }
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    rustls_native_certs::load_native_certs().certs
}

/// Returns the certificates that can be trusted as authorities.
fn usable(mut certificates: Vec<CertificateDer<'static>>) -> Vec<CertificateDer<'static>> {
    certificates.retain(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok());
    certificates
}

/// Returns the proxy that the environment sets.
fn proxy(variable: Variable<'_>) -> Result<Option<NamedProxy>, EnvironmentError> {
    let set = PROXIES
        .iter()
        .find_map(|&name| Some((name, value(variable, name)?)));
    let Some((name, text)) = set else {
        return Ok(None);
    };
    let shown = without_password(&text.to_string_lossy());
    let remedy = "set it to http://HOST:PORT, or unset it for a direct connection";
    let parsed = text
        .to_str()
        .and_then(|text| Proxy::new(text).ok())
        .filter(has_valid_port)
        .ok_or_else(|| {
            EnvironmentError(format!(
                "{name}: {shown} is not the URL of a proxy; {remedy}"
            ))
        })?;
    if !matches!(
        parsed.protocol(),
        ProxyProtocol::Http | ProxyProtocol::Https
    ) {
        return Err(EnvironmentError(format!(
            "{name}: {shown} is a SOCKS proxy, which is not supported; {remedy}"
        )));
    }
    let mut builder = Proxy::builder(parsed.protocol())
        .host(parsed.host())
        .port(parsed.port());
    if let Some(user) = parsed.username() {
        builder = builder.username(user);
    }
    if let Some(password) = parsed.password() {
        builder = builder.password(password);
    }
    let direct = DIRECT.iter().find_map(|name| value(variable, name));
    for host in direct.unwrap_or_default().to_string_lossy().split(',') {
        let host = host.trim();
        let domain = host.trim_start_matches('*').trim_start_matches('.');
        // As for curl, a domain includes its subdomains.
        builder = match (host, domain) {
            ("*", _) => builder.no_proxy(host),
            (_, "") => builder,
            _ => builder.no_proxy(domain).no_proxy(&format!(".{domain}")),
        };
    }
    let proxy = builder.build().map_err(|_| {
        EnvironmentError(format!(
            "{name}: {shown} is not the URL of a proxy; {remedy}"
        ))
    })?;
    Ok(Some(NamedProxy {
        variable: name,
        proxy,
    }))
}

/// Returns true unless the URL of a proxy has a port that is not a number from 1 to 65535.
fn has_valid_port(proxy: &Proxy) -> bool {
    let authority = proxy.uri().authority().map_or("", |found| found.as_str());
    let address = authority
        .rsplit_once('@')
        .map_or(authority, |(_, address)| address);
    match address.strip_prefix(proxy.host()) {
        Some("") => true,
        Some(rest) => rest
            .strip_prefix(':')
            .and_then(|port| port.parse::<u16>().ok())
            .is_some_and(|port| port > 0),
        None => false,
    }
}

/// Returns the URL of a proxy without its user name and password, for messages.
fn without_password(url: &str) -> String {
    match (url.rsplit_once('@'), url.split_once("://")) {
        (Some((_, address)), Some((scheme, _))) => format!("{scheme}://{address}"),
        (Some((_, address)), None) => address.to_owned(),
        (None, _) => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the proxy that these variables set.
    fn set(variables: &[(&str, &str)]) -> Option<NamedProxy> {
        let find = |name: &str| {
            let found = variables.iter().find(|(found, _)| *found == name);
            found.map(|(_, value)| value.into())
        };
        proxy(&find).unwrap()
    }

    #[test]
    fn the_proxy_of_secure_urls_comes_first_and_empty_variables_count_as_unset() {
        let named = set(&[
            ("HTTP_PROXY", "http://plain:1"),
            ("ALL_PROXY", "socks5://all:2"),
            ("HTTPS_PROXY", ""),
            ("https_proxy", "http://user:p%40ss@secure:3"),
        ])
        .unwrap();
        assert_eq!(named.to_string(), "the proxy secure:3 of https_proxy");
        assert_eq!(named.proxy.username(), Some("user"));
        assert_eq!(named.proxy.password(), Some("p@ss"));
        let named = set(&[("http_proxy", "[::1]:8080")]).unwrap();
        assert_eq!(named.to_string(), "the proxy [::1]:8080 of http_proxy");
        assert!(set(&[("ALL_PROXY", ""), ("NO_PROXY", "*")]).is_none());
    }

    #[test]
    fn excluded_hosts_are_connected_to_directly() {
        let is_direct = |hosts: &str, url: &str| {
            set(&[("ALL_PROXY", "proxy:3128"), ("no_proxy", hosts)])
                .unwrap()
                .proxy
                .is_no_proxy(&url.parse().unwrap())
        };
        let hosts = "localhost, example.com,.example.org,*.example.net,,";
        for host in [
            "localhost",
            "example.com",
            "a.example.com",
            "a.example.org",
            "b.a.example.net",
        ] {
            assert!(is_direct(hosts, &format!("https://{host}/a")), "{host}");
        }
        for host in ["example.co", "anexample.com", "127.0.0.1"] {
            assert!(!is_direct(hosts, &format!("https://{host}/a")), "{host}");
        }
        assert!(is_direct("*", "https://anywhere/"));
    }
}
