//! Proxy of a download.

use std::fmt;

use ureq::{Proxy, ProxyProtocol};

use super::environment::{EnvironmentError, Variable, value};

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

/// Proxy with the variable that sets it.
pub(super) struct NamedProxy {
    pub variable: &'static str,
    pub proxy: Proxy,
}

impl fmt::Display for NamedProxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (self.proxy.host(), self.proxy.port());
        write!(formatter, "the proxy {host}:{port} of {}", self.variable)
    }
}

/// Returns the proxy that the environment sets.
pub(super) fn proxy(variable: Variable<'_>) -> Result<Option<NamedProxy>, EnvironmentError> {
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
