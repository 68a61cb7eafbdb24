//! Mail, marketing and customers.

use super::{table, Family};

table! { MAIL:
    "sendgrid", "SendGrid API key", "SG.{t16-}.{t30-}", ["SG.drAeDwS3Uyjjg" "FT4.C8T8QZ6GJhLq138F" "VftebtWECQpt7X"], "gitleaks sendgrid-api-token";
    "mailgun", "Mailgun key", "^(pub|)key-{a32}$", ["pubkey-9877vh" "p9qf1xmd9vjxni6xy8tp" "2xtljf"], "gitleaks mailgun-private-api-token";
    "mailgun-signing", "Mailgun signing key", "^{x32}-{x8}-{x8}$", ["88a00a5fdd615d55" "0fd78b8078039912-658" "63a4e-451a4f2c"], "trufflehog mailgun";
    "mailchimp", "Mailchimp API key", "^{x32}-us{d1-2}$", ["817a7c78c003" "1f2bb503818f6ace96a7" "-us0"], "trufflehog mailchimp";
    "mandrill", "Mandrill API key", "^md-{t22}$", ["md-oT0Wl" "Jhku6kSjiHmvPtE8R"], "mailchimp.com/developer/transactional/guides/quick-start";
    "brevo", "Brevo key", "x(keysib|smtpsib)-{x40-}(-|){w0-}", ["xkeysib-35f68aad" "47c8d64c7c2966cf49f7" "c39f63602eb3-"], "gitleaks sendinblue-api-token";
    "resend", "Resend API key", "^re_{w6-10}_{w20-}", ["re_ld2KVY_" "QblAtuz55Y5tIKdZ1CAi"], "resend.com/docs/api-reference/introduction";
    "mailersend", "MailerSend token", "mlsn.{x40-}", ["mlsn.b7ff6cc279" "01ccff01fce86ff829c2" "491ba1a40d"], "developers.mailersend.com";
    "klaviyo", "Klaviyo private key", "^pk_{x34}$", ["pk_0ec7d06d3" "dd8c0c26319f3d029b6b" "d8599"], "trufflehog klaviyo";
    "klaviyo-new", "Klaviyo private key with an account", "^pk_{w6}_{x34}$", ["pk_AUbZyC_e944" "eb0427ad2db17e41d0bb" "e83dae6966"], "trufflehog klaviyo";
    "hubspot", "HubSpot private app token", "^pat-(na|eu|ap)(1|2)-{uuid}", ["pat-na1-282674" "9e-8f36-f5d6-5e7e-78" "0c6a186d98"], "trufflehog hubspot_apikey/v2";
    "intercom", "Intercom access token", "^dG9rO{b40-}", ["dG9rOcZQW9Ka1pT" "Sz1PBUpx3lJEWMDixGyH" "PTcnO5pCgw"], "developers.intercom.com/docs/build-an-integration/learn-more/authentication";
    "salesforce-session", "Salesforce access token", "^00D{w12}!{v60-}", ["00DB82hf634xepL!AjNDxNyt" "R9iLN3aAGJZ8FKveTDAR" "8JMaMAut6flRX7GmOfhg" "QaizE3alLkCG"], "trufflehog salesforce";
    "salesforce-consumer", "Salesforce consumer key", "3MVG9{s60-}", ["3MVG9vqmP6xMOsg2LLYBC" "8EzuI9rO8LeWSMF46Mra" "lYybe40AY7PTjqFPFNTD" "4dpz"], "trufflehog salesforceoauth2";
    "salesforce-refresh", "Salesforce refresh token", "5Aep861{v60-}", ["5Aep861KUMz4urY3197PTC" "Ar3pQdAkJt6ungUOQpl6" "Ht4EKgOkqnuNXS6jISLk" "v57C0"], "trufflehog salesforcerefreshtoken";
    "zoho", "Zoho OAuth token", "^1000.{x32}.{x32}", ["1000.a05b670a42acb1daa6" "5824942c4c42d2.f1253" "d4ea687b344c53faf91d" "5bf514a"], "trufflehog zohocrm";
    "close", "Close API key", "^api_{w15-30}.{w15-30}", ["api_sP27YjG" "Kfjou6EF.FZ0badJ9CSa" "XrWP"], "trufflehog closecrm";
    "onesignal", "OneSignal API key", "os_v2_(app|org)_{a40-}", ["os_v2_app_78osnk" "kd0wq0myfagsxoj3glv3" "0ceg9z342llu9r"], "documentation.onesignal.com/docs/keys-and-ids";
    "fullstory", "Fullstory API key", "^(na1|eu1).{b80-}", ["na1.UTuip1ti2OSUPeXEyyXw" "EEGgnXnXMAMOCKXqIKie" "xDUTbkISnhjccHZnLVpD" "sMo5jVUyqUCJs4pKC6UU"], "trufflehog fullstory/v2";
    "calcom", "Cal.com API key", "^cal_live_{x24-}", ["cal_live_0d" "1eb6101cce3315110e94" "ea"], "cal.com/docs/api-reference/v2/introduction";
    "telnyx", "Telnyx API key", "^KEY{A32}_{w20-}", ["KEYD6XGCJYRVZJYC1Z" "I5WE5WHF41BF88IJJ_BC" "CgWC6rRG6qsK2LAmyF"], "developers.telnyx.com/development/api-fundamentals/authentication";
}
