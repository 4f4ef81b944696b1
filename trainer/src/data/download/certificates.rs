//! Certificates that a download trusts.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use anyhow::Result;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use ureq::tls::{Certificate, RootCerts};

use super::environment::{EnvironmentError, Variable, value};
use crate::{data::format::Format, files::read};

pub(super) const CERTIFICATE_FILE: &str = "SSL_CERT_FILE";
const CERTIFICATE_FOLDERS: &str = "SSL_CERT_DIR";

/// Returns the trusted certificates: the system's and those that the environment adds, or Mozilla's list if there are
/// none.
pub(super) fn roots(variable: Variable<'_>) -> Result<RootCerts> {
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
