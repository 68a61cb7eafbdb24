//! Chat and social networks.

use super::{table, Family};

table! { CHAT:
    "slack", "Slack token", "xox(a|b|c|d|o|p|r|s|e)-{s10-}", ["xoxb-123456789012-" "1234567890123-q7Kd92" "mXw4tBzR5vabcdefgh"], "docs.slack.dev/authentication/tokens";
    "slack-rotated", "Slack rotated token", "xoxe.xox(b|p)-{s10-}", ["xoxe.x" "oxb-B5XTy4oLrZ"], "gitleaks slack-config-access-token";
    "slack-app", "Slack app-level token", "xapp-{d1-3}-{t20-}", ["xapp-1-EU" "vW8UyOWLQEHhD9WxEN"], "gitleaks slack-app-token";
    "telegram", "Telegram bot token", "{d6-12}:A{t34}", ["110201543:AAHdq" "TcvCH1vGWJxfSeofSAs0" "K5PALDsawq"], "core.telegram.org/bots/features";
    "discord-bot", "Discord bot token", "^(M|N|O){t23-27}.{t6}.{t27-38}$", ["MLt4757aKUupRsh2kg8" "M48Qw.I35G5b.30sm7FQ" "WuZfbnMpinnRGxX2SrmP"], "discord.com/developers/docs/reference";
    "twilio", "Twilio API key", "^SK{X32}$", ["SK792953043" "137488026958ee16a081" "5c0"], "gitleaks twilio-api-key";
    "webex-bot", "Webex bot token", "^{w64}_{w4}_{uuid}", ["G0hOcRaFpN0rgMGA1Y88tZYC" "mtUvdAZu3C78dUdhikmu" "1EIfhmkCaD9wbrUGlrrs" "_Pr5w_abf110d6-9117-" "1f99-4bb7-afcd337a31" "b5"], "trufflehog webexbot";
    "facebook", "Facebook access token", "^EAA{w60-}", ["EAA5vGFPr0GgR4Zpov7QY" "l3iWi5iAkCBIJRlsYlJ4" "oqmDJan0Qmxb4c8DF0iz" "Aj"], "gitleaks facebook-page-access-token";
    "instagram", "Instagram access token", "^IG(QV|QW|AA){w60-}", ["IGQV6QZ4MnDE12FOYPP35" "jw0vEU7BtPrNcIswlmKV" "SKXtsoNUJTDvXbZhmmLi" "OCy"], "developers.facebook.com/docs/instagram-platform";
    "twitter", "X bearer token", "^AAAAAAAAAAAAAAAAAAAA{p60-120}$", ["AAAAAAAAAAAAAAAAAAAAAAAA" "%2BgNSWPH8prVqsUeQCt" "DR3zzX6hqo35uwZqxZOO" "HjkJQQrkaPehMvbfrn2y" "zL7"], "gitleaks twitter-bearer-token";
    "pinterest", "Pinterest access token", "^pina_{w40-}", ["pina_25v0Y40vY2" "ZnM5scXg8Y7UEsR31wn6" "H47oQN7aPw"], "developers.pinterest.com/docs/getting-started/authentication";
    "linkedin", "LinkedIn client secret", "WPL_AP1.{w16-}", ["WPL_AP1." "todst34GgVSDRbJ2"], "learn.microsoft.com/linkedin/shared/authentication/client-credentials-flow";
    "pubnub-secret", "PubNub secret key", "^sec-c-{b40-}", ["sec-c-5TWq3vAJw" "dRJzhB9oyzD03XDFdNA0" "yScWbKxPEVl"], "www.pubnub.com/docs/general/basics/manage-keys";
    "pubnub", "PubNub publish or subscribe key", "^(pub|sub)-c-{a8}-{a4}-{a4}-{a4}-{a12}", ["pub-c-zsknfcoo" "-rxrc-s83o-wsbh-rs4d" "rp1fyikt"], "trufflehog pubnubpublishkey";
}
