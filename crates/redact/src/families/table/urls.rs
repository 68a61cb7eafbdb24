//! URLs with a secret path.

use super::{table, Family};

table! { URLS:
    "slack-webhook", "Slack webhook", "hooks.slack.com/(services|workflows|triggers|commands|actions)/<{r8-}>", ["https://hooks.slack.com/" "services/T0AAAAAAA/B" "0BBBBBBB/q7Kd92mXw4t" "BzR5vabcdefgh"], "gitleaks slack-webhook-url";
    "discord-webhook", "Discord webhook", "discord(app|).com/api/(v10/|v9/|)webhooks/{d1-}/<{t8-}>", ["https://discord.com/api/" "webhooks/12345678901" "2345678/q7Kd92mXw4tB" "zR5vabcdefgh_q7Kd92m" "Xw4tBzR5v-abcdefghij" "klmnopqrstuvwxyzAB"], "trufflehog discordwebhook";
    "teams-webhook", "Microsoft Teams webhook", "webhook.office.com/webhookb2/<{r8-}>", ["https://shop.webhook.off" "ice.com/webhookb2/01" "a22232-7362-7594-ad3" "3-f9ad47f7f0c2@01a22" "232-7362-7594-ad33-f" "9ad47f7f0c2/Incoming" "Webhook/0123456789ab" "cdef0123456789abcdef" "/01a22232-7362-7594-" "ad33-f9ad47f7f0c2"], "gitleaks microsoft-teams-webhook";
    "teams-webhook-legacy", "Microsoft Teams webhook of the first form", "outlook.office.com/webhook/<{r8-}>", ["https://outlook.of" "fice.com/webhook/JhU" "ijZkgfMKb8PYeqJOh"], "kingfisher msteams.1";
    "telegram-url", "Telegram bot URL", "api.telegram.org/bot<{d1-}:{t8-}>", ["https://api.telegram.org" "/bot110201543:AAHdqT" "cvCH1vGWJxfSeofSAs0K" "5PALDsaw"], "core.telegram.org/bots/api";
    "zapier-webhook", "Zapier webhook", "hooks.zapier.com/hooks/(catch|standard)/<{r4-}>", ["https://hooks.zap" "ier.com/hooks/catch/" "1234567/o2ab9cd/"], "trufflehog zapierwebhook";
    "make-webhook", "Make webhook", "hook.(eu1.|eu2.|us1.|us2.|)(make.com|integromat.com)/<{t8-}>", ["https://hook.eu" "1.make.com/i4pNOzUmb" "42LiUeE4YX0"], "help.make.com/webhooks";
    "ifttt-webhook", "IFTTT webhook", "maker.ifttt.com/trigger/{t1-}/(json/|)with/key/<{t8-}>", ["https://maker.ifttt.co" "m/trigger/door/with/" "key/bq7Kd92mXw4tBzR5" "vabcd"], "ifttt.com/maker_webhooks";
    "feishu-webhook", "Feishu and Lark webhook", "open.(feishu.cn|larksuite.com)/open-apis/bot/(v2/|)hook/<{t8-}>", ["https://open.feishu.c" "n/open-apis/bot/v2/h" "ook/TnZVS8rLJEWNm7L7" "JK01"], "open.feishu.cn/document/client-docs/bot-v3/add-custom-bot";
    "wecom-webhook", "WeCom webhook", "qyapi.weixin.qq.com/cgi-bin/webhook/send?key=<{t8-}>", ["https://qyapi.weixin.qq." "com/cgi-bin/webhook/" "send?key=03EEYDm1odn" "PTaLCZzPw"], "developer.work.weixin.qq.com/document/path/91770";
    "dingtalk-webhook", "DingTalk webhook", "oapi.dingtalk.com/robot/send?access_token=<{t8-}>", ["https://oapi.dingtalk.c" "om/robot/send?access" "_token=TwSnDyLB6PXCE" "J2YPDpL"], "open.dingtalk.com/document/robots/custom-robot-access";
    "google-chat-webhook", "Google Chat webhook", "chat.googleapis.com/v1/spaces/{t1-}/messages?<{e8-}>", ["https://chat.googleapis." "com/v1/spaces/AAAAq7" "Kd92m/messages?key=A" "bzaSyq7Kd92mXw4tBzR5" "v&token=q7Kd92mXw4tB" "zR5v"], "developers.google.com/workspace/chat/quickstart/webhooks";
    "tines-webhook", "Tines webhook", "tines.com/webhook/<{r8-}>", ["https://quiet-sea-1234.t" "ines.com/webhook/012" "3456789abcdef0123456" "789abcdef/fedcba9876" "543210fedcba98765432" "10"], "trufflehog tineswebhook";
    "pagerduty-webhook", "PagerDuty integration URL", "events.pagerduty.com/integration/<{w8-}>", ["https://events.pager" "duty.com/integration" "/UlGJ4praP4BNPmh8yGA" "p"], "support.pagerduty.com";
    "healthchecks-ping", "Healthchecks.io ping URL", "hc-ping.com/<{t8-}>", ["https://hc-pi" "ng.com/hRajJwuOgQ0Xh" "E2qzzHm"], "healthchecks.io/docs/http_api";
    "betterstack-heartbeat", "Better Stack heartbeat URL", "uptime.betterstack.com/api/v1/heartbeat/<{w8-}>", ["https://uptime.betters" "tack.com/api/v1/hear" "tbeat/TSd0tJEDNodwX0" "YewnWc"], "betterstack.com/docs/uptime/cron-and-heartbeat-monitor";
    "airtable-webhook", "Airtable automation webhook", "hooks.airtable.com/workflows/v1/genericWebhook/<{r8-}>", ["https://hooks.airtable.c" "om/workflows/v1/gene" "ricWebhook/htZ6phB4H" "v2T4S0EfLBw"], "support.airtable.com/docs/when-webhook-received-trigger";
    "infura-url", "Infura endpoint", "infura.io/v3/<{x32}>", ["https://infura.io" "/v3/b7a0f0651d3ef9f5" "7666e09aebe203fb"], "docs.metamask.io/services";
    "alchemy-url", "Alchemy endpoint", "g.alchemy.com/v2/<{t16-}>", ["https://g.alc" "hemy.com/v2/tTGZklFK" "iRhC7j2d"], "docs.alchemy.com";
    "calendar-url", "Google Calendar secret address", "calendar.google.com/calendar/ical/{e1-}/private-<{x20-}>", ["https://calendar.google." "com/calendar/ical/an" "n%40a.example/privat" "e-0123456789abcdef01" "23456789abcdef"], "support.google.com/calendar/answer/37648";
    "web-push-google", "Web push endpoint of Google", "fcm.googleapis.com/(fcm/send|wp)/<{e8-}>", ["https://fcm.google" "apis.com/fcm/send/dpH5lCsTSSM:APA91bHqjZxM0VImWWq" "DRN7U0a3AycjUf4O"], "RFC 8030";
    "web-push-mozilla", "Web push endpoint of Mozilla", "updates.push.services.mozilla.com/wpush/(v1/|v2/|)<{t8-}>", ["https://updates.push.ser" "vices.mozilla.com/wpush/v2/gAAAAABmq7Kd92mXw4tBzR5v"], "RFC 8030";
    "web-push-apple", "Web push endpoint of Apple", "web.push.apple.com/<{t8-}>", ["https://web.push.ap" "ple.com/QGuQyavXutnMbh7Kd92mXw4tBzR5v"], "RFC 8030";
}
