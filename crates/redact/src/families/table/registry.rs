//! Package registries.

use super::{table, Family};

table! { REGISTRY:
    "npm", "npm access token", "npm_{w36-}", ["npm_6aqxuuOFs" "LZGKAHHYiwfw9dWRQBNu" "l6jgBNP"], "gitleaks npm-access-token";
    "pypi", "PyPI API token", "pypi-AgE{t50-}", ["pypi-AgEPyAjtZ17RUi" "IadFozBv9CrVEPAcugX1" "QRGJis5OOXQALzc5mGS"], "gitleaks pypi-upload-token";
    "rubygems", "RubyGems API key", "rubygems_{x40-}", ["rubygems_0645fe5" "38d2f0651c59ab842c55" "8d0f51212cbb7"], "gitleaks rubygems-api-token";
    "nuget", "NuGet API key", "^oy2{a43}$", ["oy2sx1cqmpiscpr" "ekdujw0a3cmsqz6s3869" "7lrgzkd50zl"], "noseyparker np.nuget.1";
    "crates-io", "crates.io API token", "^cio{w32}$", ["cio4FRVAamQ" "n0G0lMY9xyzzwqBXxrmi" "q3M0"], "noseyparker np.cratesio.1";
    "docker-hub", "Docker access token", "dckr_(pat|oat)_{t24-}", ["dckr_pat_eC" "nDivdY7yXzrOyuMsCvKj" "Ac"], "trufflehog dockerhub/v2";
    "clojars", "Clojars deploy token", "CLOJARS_{w50-}", ["CLOJARS_ObwKLOcrHXg" "cm2U8dJ0BjtJJOqtsNoc" "g2JsBz5wEqEMte5UZpv"], "gitleaks clojars-api-token";
    "packagist", "Private Packagist token", "packagist_(ort|oat|uut|act)_{x40-}", ["packagist_ort_acab" "72042ecb9ac78743f410" "6e91030d928e93a9"], "packagist.com/docs";
    "deno", "Deno Deploy token", "^dd(p|w|o)_{w36}$", ["ddp_unV68gV49" "nLYhPfTjpVtfJLqNQ05Y" "TUD6hbw"], "trufflehog deno";
    "artifactory", "JFrog Artifactory API key", "AKC(p|5){w60-}", ["AKCpaQ8VLyrHGw1b53KDs" "3p5zDrhor98ExuRpMoih" "6c1DIFln6mrbiVtx3sdX" "Edi"], "gitleaks artifactory-api-key";
    "artifactory-reference", "JFrog reference token", "cmVmdGtu{w56-}", ["cmVmdGtuW3GavOCkmJMZ3" "ceGGeqLWgPW7Ogr0uUzJ" "oUnShCFVby9H7QtZ53vw" "Qgj"], "trufflehog artifactoryreferencetoken";
}
