//! Code hosts, and tools for teams.

use super::{table, Family};

table! { CODE:
    "github", "GitHub token", "gh(p|o|u|s|r)_{w36-}", ["ghp_waSRVSWX0" "c4HOwOQyfxv2QKp20yPD" "UojB3Tw"], "github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats";
    "github-fine-grained", "GitHub fine-grained token", "github_pat_{i36-}", ["github_pat_NbGY" "PYaDpuGcziNhKDjY35MG" "irF5pYeyGGRl"], "gitleaks github-fine-grained-pat";
    "github-legacy-app", "GitHub app token, version 1", "^v1.{x40}$", ["v1.dac935fd27a" "1f4dc976f1975db6f544" "29d14af3e"], "github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats";
    "gitlab-pat", "GitLab personal access token", "glpat-{v20-}", ["glpat-MB" "nwvinWy58ZBOdX5i3G"], "gitleaks gitlab-pat";
    "gitlab-token", "GitLab token", "gl(rt|rtr|dt|ft|imt|soat|ffct|agent|oas|wt)-{v20-}", ["glrt-kwm" "EdT37Or5SArat2TZW"], "docs.gitlab.com/security/tokens";
    "gitlab-trigger", "GitLab pipeline trigger token", "glptt-{x40-}", ["glptt-15cffe6db" "c2bbc4a25213af802783" "ea2ac64bc41"], "gitleaks gitlab-ptt";
    "gitlab-job", "GitLab job token", "glcbt-{t20-}", ["glcbt-xV" "MMg4ZgAXPKX6aMJqqf"], "gitleaks gitlab-cicd-job-token";
    "gitlab-runner-registration", "GitLab runner registration token", "GR1348941{t20-}", ["GR1348941" "FSiyLyPiwxC48WVRk8LK"], "gitleaks gitlab-rrt";
    "bitbucket-app-password", "Bitbucket app password", "ATBB{w24-}", ["ATBBVuVhf" "Z5BGWMJsiCBNoiLVQOG"], "trufflehog bitbucketapppassword";
    "bitbucket-data-center", "Bitbucket Data Center token", "BBDC-{b40-}", ["BBDC-ZNTUvNDEE3" "rql4jzuXcNE0Z3HBVKLf" "lM7M1HaCQA"], "trufflehog atlassiandatacenter";
    "atlassian", "Atlassian API token", "ATATT3{s60-}", ["ATATT3PHMBWF3snN30AsNG" "o4JTEdbrlF4PN5ktGqkE" "ROdeg2rlTqWOrBdxi3IB" "m4Um"], "gitleaks atlassian-api-token";
    "atlassian-admin", "Atlassian access token", "ATCTT3{s60-}", ["ATCTT3MAvN2mtElYwnVPdW" "c5JCt32tkYEczCFle4ln" "2E3wCJHj1jyuCVe8Gg0S" "Or7B"], "trufflehog atlassian/v2";
    "trello", "Trello token", "^ATTA{x64-}", ["ATTAe40e70ba683a1d3dbb" "e769f8fbf4d5ae118ba0" "61b0a076c589d279426b" "b9331a"], "developer.atlassian.com/cloud/trello/guides/rest-api/authorization";
    "sourcegraph", "Sourcegraph access token", "sgp_(local_|){w40-}", ["sgp_local_v4GbSp" "wR4QP0LpWEYU0eewPYbV" "44U3QQpAjKgGAx"], "gitleaks sourcegraph-access-token";
    "sourcegraph-instance", "Sourcegraph access token with an instance", "sgp_{X16}_{X40}", ["sgp_96476cf20b93eb6b" "_8e490025021f4bfc78f" "1d2305e285797216476d" "2"], "gitleaks sourcegraph-access-token";
    "sourcegraph-license", "Sourcegraph licence key", "slk_{x64}", ["slk_a94e49d2704ba79fa4" "74120228c79c74bf22b9" "29c57572a9eb524deaa3" "dac183"], "trufflehog sourcegraphcody";
    "linear", "Linear API key", "lin_(api|oauth)_{w32-}", ["lin_api_8bK5x" "hIKYfzjk1Tf5TXSdvxLV" "SSPTrN8"], "gitleaks linear-api-key";
    "figma", "Figma token", "fig(d|p|u|or|oh)_{t20-}", ["figd_1AC" "HNStiTU2zF0ONOctK"], "trufflehog figmapersonalaccesstoken/v3";
    "postman", "Postman API key", "PMA(K|T|C)-{w20-}(-|){w0-}", ["PMAK-QgK" "T28Ifzg9XZ1A4gefA-"], "gitleaks postman-api-token";
    "clickup", "ClickUp token", "^pk_{d6-9}_{A32}$", ["pk_299379_KMOG" "63036S3KME30F3954V0C" "54P1TDA7"], "kingfisher clickup.1";
    "notion", "Notion integration token", "^ntn_{w40-}", ["ntn_4dCbygtJtA" "F96YhVsyx3wYYooYpy1q" "lYMpoJB6uC"], "gitleaks notion-api-token";
    "notion-legacy", "Notion integration token of the first form", "^secret_{w43}$", ["secret_T44Ta5JMa" "UE6cYCHc0XVuiuXjbc23" "OOubkCCaJ5wnuU"], "trufflehog notion";
    "airtable", "Airtable personal access token", "^pat{w14}.{x60-}", ["patAoAdNCmlwv12tF.4b124d" "9487a72c8e5692aa0c8f" "cdd2ee3eb4829ddedc72" "344431ef12dc78"], "gitleaks airtable-personnal-access-token";
    "airtable-oauth", "Airtable OAuth token", "^{w4-60}.v1.{t10-}.{x40-}", ["RFFP.v1.E6JSH0Hhwu." "04bfc727d0d7d0d7c610" "b27713bd8ab8d68bf859"], "trufflehog airtableoauth";
    "contentful", "Contentful personal access token", "CFPAT-{t40-}", ["CFPAT-PGdaL0umn" "1h76M9LV9jMB21Fj7chb" "d9HVlWDf1V6"], "trufflehog contentfulpersonalaccesstoken";
    "readme", "ReadMe API key", "rdme_{a60-}", ["rdme_l39n6fx57zj8au3p" "rfmred316c5zkyocxbei" "51cn652pjgyz232yclgr" "49xr"], "gitleaks readme-api-token";
    "frameio", "Frame.io token", "fio-u-{t60-}", ["fio-u-WxAYf8L006gxBzuO" "W9vcVlEgKqYVd053W6QT" "uCOHOc3grYLrldk3el8j" "ofh1"], "gitleaks frameio-api-token";
    "adobe", "Adobe client secret", "^p8e-{t32}", ["p8e-MByGBIOj" "UnOXqlWhJ8mQXNAPjcxV" "UmTx"], "gitleaks adobe-client-secret";
    "dropbox", "Dropbox short-lived token", "^sl.(u.|){t60-}", ["sl.u.nto4ukWZN0fv8Tt0" "hueO3xa6eCSibXxfV90I" "2srm1mVzs0HOmATjkEJ8" "mQlI"], "gitleaks dropbox-short-lived-api-token";
    "typeform", "Typeform token", "tfp_{v40-}", ["tfp_75Mr5Ya5UD" "Cwa78oA6lREVlsXaEd4K" "qmmSe1FyUn"], "gitleaks typeform-api-token";
    "ionic", "Ionic token", "^ion_{a42}$", ["ion_7o7efooz8gy" "02ab4sx5e3sh04h0pyqm" "v4tvbn7dibm"], "kingfisher ionic.1";
    "asana", "Asana personal access token", "^2/{d12-}/{d12-}:{x32}", ["2/260788437037424" "4/797891024485948" "0:ebb4108e360ddfc" "fc69e290d9f945ffa"], "trufflehog asanapersonalaccesstoken";
}
