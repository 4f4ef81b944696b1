//! HTTP client with the certificates and the proxy that the system and the environment set.

use std::{env, time::Duration};

use anyhow::{Result, anyhow};
use rustls::CertificateError;
use ureq::{
    Agent, Body,
    http::{Response, Uri},
    tls::TlsConfig,
};

use super::{
    certificates::{CERTIFICATE_FILE, roots},
    environment::{EnvironmentError, Variable},
    proxy::{NamedProxy, proxy},
};

/// Timeout of name resolution and connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Timeout without a received byte.
const STALL: Duration = Duration::from_secs(30);
/// Timeout of a whole file.
const OVERALL: Duration = Duration::from_mins(10);

/// HTTP client.
pub struct Client {
    agent: Agent,
    proxy: Option<NamedProxy>,
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
