#!/bin/sh
# Makes the certificates of the download tests: an authority, and a server with the names of MNIST's mirrors. They are
# valid from 2020 to 2120; the authority's key is not kept.
set -e
folder=$(mktemp -d)
cat >"$folder/settings" <<END
[ca]
default_ca = authority
[authority]
database = $folder/database
new_certs_dir = $folder
rand_serial = yes
default_md = sha256
policy = policy
default_startdate = 20200101000000Z
default_enddate = 21200101000000Z
[policy]
commonName = supplied
[is_authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[is_server]
basicConstraints = CA:FALSE
subjectAltName = DNS:ossci-datasets.s3.amazonaws.com,DNS:storage.googleapis.com
END
: >"$folder/database"
request() {
    openssl req -config /dev/null -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$2" \
        -out "$folder/request"
}
sign() {
    openssl ca -config "$folder/settings" -batch -notext -in "$folder/request" "$@"
}
request 'thumbgan test authority' "$folder/authority.key"
sign -selfsign -keyfile "$folder/authority.key" -extensions is_authority -out authority.pem
request 'thumbgan test server' server.key
sign -keyfile "$folder/authority.key" -cert authority.pem -extensions is_server -out server.pem
rm -r "$folder"
