//! Continuous integration, quality and workflows.

use super::{table, Family};

table! { CI:
    "circleci", "CircleCI token", "CCIP(AT|RJ)_{w22}_{X40}", ["CCIPAT_0ifnN9zXAfPithb5" "FiOTIA_dd1715a3c67b6" "ae1d6f4a3be525368103" "2bfa1d3"], "trufflehog circleci/v2";
    "buildkite", "Buildkite token", "^bk(ua|aa|ct|pt)_{a38-}", ["bkua_vo7hc3hcz" "1s34vvc5rv0dnd9mhhfz" "oh578ww8i"], "trufflehog buildkite/v2";
    "octopus", "Octopus Deploy API key", "^API-{A26-32}$", ["API-SK7N5T" "FRBT9EZJFWCJB25BIAT5"], "gitleaks octopus-deploy-api-key";
    "sonarqube", "SonarQube token", "^sq(p|u|a)_{x40}$", ["sqp_d7c62e7f12" "71aba3daffec7547ac7d" "84123a5f2d"], "kingfisher sonarqube.1";
    "sonarcloud", "SonarQube Cloud token", "^sqco_{w50-}", ["sqco_2EYUZHEtO9NdR" "yGUb3fcUcsShFPnAUWCb" "bDxLpSKHR5dGyUR4J"], "trufflehog sonarcloud/v2";
    "snyk", "Snyk service token", "^snyk_(uat|sat).{v20-}", ["snyk_uat." "7pBV8cZupxpTdfq36Gme"], "docs.snyk.io/snyk-api/authentication-for-api";
    "prefect", "Prefect API key", "^pn(u|b)_{w36}$", ["pnu_7tUMihY8M" "ljSl0gnHmQFjgmtFLTxk" "GL7gb2H"], "gitleaks prefect-api-token";
    "launchdarkly", "LaunchDarkly key", "^(api|sdk)-{uuid}", ["api-8944986d-" "bc47-af3a-7f50-45683" "cf6271f"], "trufflehog launchdarkly";
    "stackhawk", "StackHawk API key", "hawk.{t20}.{t20}", ["hawk.1Ks72CJWt9" "krADJLNgJi.WrInGSas6" "kEjiXSD6Ylv"], "kingfisher stackhawk.1";
    "endorlabs", "Endor Labs API key", "endr+{t16}", ["endr+y8" "A0hrnlxnObPSHm"], "trufflehog endorlabs";
    "spectral", "SpectralOps key", "^spu-{x32}$", ["spu-7fc2ed1a" "fea1fa9595be3074f29f" "b381"], "trufflehog spectralops";
    "trufflehog", "TruffleHog Enterprise key", "thog-(key|secret)-{x16-}", ["thog-key" "-5c044e7b6769866f"], "trufflehog trufflehogenterprise";
    "nightfall", "Nightfall API key", "^NF-{w32}$", ["NF-4mfV780x" "HIWAjW7etTCMVtwXjvnB" "FuI7"], "trufflehog nightfall";
    "dependency-track", "Dependency-Track API key", "^odt_{w32-}", ["odt_lDSEe9nP" "KYVg1bF1OBsfueGDoIlc" "8VcQ"], "kingfisher dtrack.1";
    "deepsource", "DeepSource token", "^dsp_{x40}$", ["dsp_07d2dddeac" "ac348a283768cf5d53b3" "8c6f396880"], "docs.deepsource.com/docs/developers/api";
    "chromatic", "Chromatic project token", "^chpt_{x12-}", ["chpt_" "1b684443057c"], "www.chromatic.com/docs/configure";
    "n8n", "n8n API key", "^n8n_api_{x40-}", ["n8n_api_43b2968e" "09596229b4c24d1992a6" "473a6e512638"], "docs.n8n.io/api/authentication";
    "dbt", "dbt Cloud token", "^dbt(c|u|s)_{t36-}", ["dbtc_490uuwgD" "d5giebXwSZgPpQRbkMEs" "96kOU4zM"], "docs.getdbt.com/docs/dbt-cloud-apis/authentication";
    "buildkite-agent", "Buildkite agent or job token", "^bk(aj|at|ct)_{w30-}", ["bkaj_jD7N2kHD9FS" "UuErsEz5jhy0I9lO" "7F3vlfFrGYJ3GxeY" "YXwSLQcWtxJTQr1F" "q"], "buildkite.com/docs/agent/v3/tokens";
}
