//! Monitoring, analytics and devices.

use super::{table, Family};

table! { MONITORING:
    "newrelic-user", "New Relic user key", "NRAK-{A27}", ["NRAK-329WX" "RCE803UBR2N3U5YPZ1IV" "1R"], "trufflehog newrelicuserkey";
    "newrelic-key", "New Relic key", "NR(II|IQ|JS|BR|RA|AA)-{t19-}", ["NRII-7PA" "wyKM2jGessCanx7a"], "gitleaks new-relic-insert-key";
    "newrelic-license", "New Relic licence key", "{w32-36}FFFFNRAL", ["v7uMiKiE8lbyJ" "A9IAQMZ5zAUcF5AflajF" "FFFNRAL"], "trufflehog newreliclicensekey";
    "newrelic-mobile", "New Relic mobile token", "{w40-42}-NRMA", ["6p6uftoweQzCBqW" "gGwk1wyh6EfkZfaovzFv" "Oushv-NRMA"], "trufflehog newrelicmobileapptoken";
    "grafana-service", "Grafana service account token", "glsa_{i32-}", ["glsa_8OQSshx" "ZLffgODzk9kqhtcIx3Pa" "8FM6M"], "gitleaks grafana-service-account-token";
    "grafana-cloud", "Grafana Cloud token", "glc_{b32-}", ["glc_smGMVJYc" "I6bi0zYcoUo5caHA7VO6" "Scu3"], "gitleaks grafana-cloud-api-token";
    "grafana-api", "Grafana API key", "eyJrIjoi{b50-}", ["eyJrIjoiAKMxhrBcIu7" "6z3SS1vYTrRvh4PxAxzP" "ooFp6hChifX6E5MVALK"], "gitleaks grafana-api-key";
    "honeycomb", "Honeycomb key", "^hc(a|b|c)(i|l|m)k_{a32-}", ["hcaik_afv84g" "40ypmg195dt31b2y6zaj" "2e5ai0"], "docs.honeycomb.io/configure/environments/manage-api-keys";
    "sentry-org", "Sentry organization token", "sntrys_{s40-}", ["sntrys_qkrWfx7C" "WCuGjt51Jdj3r4dSNaZa" "bPKJSrJ92dMw"], "gitleaks sentry-org-token";
    "sentry-user", "Sentry user token", "sntry(u|a)_{x40-}", ["sntryu_1eac0f7a" "6332b2894945b752f0de" "075225e5de00"], "gitleaks sentry-user-token";
    "dynatrace", "Dynatrace token", "dt0{l1}{d2}.{w24}.{w64}", ["dt0p28.7WUuzyTswp8BZPFzM" "UuCK0eg.uumIwXRHJ5Qn" "dJxB7afzSILb9wx7xySG" "hEwIojfvraawAO5RQ9Kh" "RClseuZUkSvP"], "gitleaks dynatrace-api-token";
    "datadog-app", "Datadog application key", "^ddapp_{w34}", ["ddapp_F5AEtTZ" "4qkI3OCrJ7ZRunYWln8J" "RTLj6Ur"], "docs.datadoghq.com/account_management/api-app-keys";
    "axiom", "Axiom token", "^xa(at|pt|it)-{uuid}", ["xaat-539ac980" "-4d1d-0728-fadd-435e" "b3b382dc"], "axiom.co/docs/reference/tokens";
    "elastic", "Elastic Cloud key", "^essu_{b40-}", ["essu_271Sp0giia" "4EbfGhxIYT7n7LuV9UP4" "kfHitKCLDP"], "www.elastic.co/docs/deploy-manage/api-keys";
    "healthchecks", "Healthchecks.io API key", "^hc(r|w)_{t28}", ["hcr_2i5EAF" "hA1gtSXNbLB4191hfNmW" "XA"], "healthchecks.io/docs/api";
    "checkly", "Checkly API key", "^cu_{x32}$", ["cu_abf4881c" "fa6a921508cacda936da" "06aa"], "www.checklyhq.com/docs/account/create-api-key";
    "rootly", "Rootly API key", "rootly_{x64}", ["rootly_8778e2001955962f" "8bfb426b4c6b958605dc" "2cf939e499e2b9595126" "941c5a94"], "trufflehog rootly";
    "firehydrant", "FireHydrant bot token", "^fhb-{x32}", ["fhb-275bbc25" "f0ceffb4e33af72dcd69" "1d30"], "docs.firehydrant.com/reference/authentication";
    "posthog", "PostHog personal or project key", "^ph(x|c|s)_{i40-}", ["phx_gSuI9YGKrP" "ICsEwnqo9JFpt1dDzegD" "NM9fgELFyt"], "trufflehog posthog";
    "maxmind", "MaxMind licence key", "^{w6}_{w29}_mmk$", ["R1jiiM_MZ1Dj7" "66wdYncVReL0ifmlTT1T" "wsK_mmk"], "gitleaks maxmind-license-key";
    "mapbox", "Mapbox token", "^(pk|sk|tk).eyJ{t16-}.{t16-}", ["pk.eyJALgoUAI" "AMZEsf2og.IlHHirCfZX" "BXYGhJ"], "gitleaks mapbox-api-token";
    "locationiq", "LocationIQ key", "^pk.{x32}$", ["pk.4e79c697" "2a9bfae8088c1dd46dad" "0f7f"], "trufflehog locationiq";
    "bannerbear", "Bannerbear API key", "bb_(pr|ma)_{x30}", ["bb_pr_7821c6" "0b834860620224c006a8" "3dce"], "trufflehog bannerbear/v2";
    "adafruit", "Adafruit IO key", "^aio_{w28}$", ["aio_mbBM00" "x2JSOjn8qWPDZlaw3x5X" "Hc"], "trufflehog adafruitio";
    "ubidots", "Ubidots token", "^BBFF-{w30}$", ["BBFF-60Wj1B" "nMckR2xc0980mUO1t1UG" "AzEo"], "trufflehog ubidots";
    "configcat", "ConfigCat SDK key", "configcat-sdk-1/{t22}/{t22}", ["configcat-sdk-1/KB2P" "2mLPv8B1P2liW0ugpk/k" "Mgr2CMJD4ssGvVUdDzro" "J"], "configcat.com/docs/sdk-reference/overview";
    "logfire", "Logfire token", "pylf_v{d1}_{w2-}_{w30-}", ["pylf_v1_us_fM" "I7zcpVMw0qDPA" "jd6OcZFv1niUK" "8iO5YAgkBxjd2" "As"], "logfire.pydantic.dev/docs";
}
