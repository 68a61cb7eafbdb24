//! Payment and commerce.

use super::{table, Family};

table! { PAYMENT:
    "stripe", "Stripe secret or restricted key", "(sk|rk)_(live|test|prod)_{w10-}", ["sk_liv" "e_2Wge8nXMOL"], "gitleaks stripe-access-token";
    "stripe-publishable", "Stripe publishable key", "pk_(live|test)_{w20-}", ["pk_live_A" "dPSbV8whHwLQX94dowX"], "trufflehog stripepaymentintent";
    "stripe-webhook", "Webhook signing secret", "whsec_{b20-}", ["whsec_YT" "8nD8nqBBBWkMh6QIXG"], "docs.stripe.com/webhooks";
    "stripe-ephemeral", "Stripe ephemeral key", "^ek_(live|test)_{w20-}", ["ek_live_U" "jHd91DqGN7qsmshHP9t"], "docs.stripe.com/payments/mobile";
    "stripe-client-secret", "Stripe client secret", "(pi|seti|cs)_{w14-}_secret_{w20-}", ["pi_qCTfFwjagBbd" "7F_secret_bOsQD0wab6" "X0bWPVDkWV"], "trufflehog stripepaymentintent";
    "square", "Square access token", "sq0(atp|csp)-{t22-}", ["sq0atp-AW" "5t2AHkKdZ9OjS8yIStH3"], "gitleaks square-access-token";
    "square-legacy", "Square production token", "^EAAA{t60}", ["EAAAAd3BmWHFyjraknLE8" "zP7d77uAYee4jRanNuNl" "TzEBlXlymzI3Q2PwRE9u" "0hk"], "gitleaks square-access-token";
    "paypal-braintree", "PayPal Braintree access token", "access_token$(production|sandbox)${a16}${x32}", ["access_token$production$" "gcch57u9frdn9nki$cf7" "01ab13424325fcabf22f" "7a12bf52d"], "noseyparker np.braintree.1";
    "paypal-oauth", "PayPal access token", "^A21AA{t60-}", ["A21AAM31nVmvlHm0RZNch" "a00QzqObTXZjm2mYi7Vy" "HDkqZvL11x7rchcPHpNf" "PXvH"], "developer.paypal.com/api/rest/authentication";
    "razorpay", "Razorpay key", "^rzp_(live|test)_{w14}", ["rzp_liv" "e_iOPBbQ6UiyGbaM"], "trufflehog razorpay";
    "mollie", "Mollie or Lob key", "^(live|test)_{w30-}", ["live_cL0pbm" "WNclUkrKOBwxROvZys5k" "DPJl"], "docs.mollie.com/reference/authentication";
    "gocardless", "GoCardless access token", "^live_{t40}$", ["live_fJmfC2L2ri" "WIQf2SxNPk8zzI6vEonG" "HM1Y2B3Noq"], "gitleaks gocardless-api-token";
    "flutterwave", "Flutterwave key", "FLW(SECK|PUBK)(_TEST|)-{w12-}(-X|)", ["FLWSECK_T" "EST-woCJ3aUsWeVn-X"], "gitleaks flutterwave-secret-key";
    "elevenlabs", "ElevenLabs API key", "^sk_{x48}$", ["sk_807acba6270e06" "239cdf7d3ababa352feb" "6360372c0c7723"], "trufflehog elevenlabs/v2";
    "checkout", "Checkout.com secret key", "^(sk|pk)_(sbox_|test_|){uuid}", ["sk_sbox_278253" "22-f5e8-9bc2-9b0b-89" "471aa9bd8f"], "www.checkout.com/docs/developer-resources/api/api-keys";
    "recharge", "Recharge API token", "^sk(_test|)_{d1-2}x{d1}_{X56-}", ["sk_test_1x5_490bea1ad1" "84e908cfd7c3dcffdab8" "d455f93cfa00e453f273" "42f6c3"], "trufflehog rechargepayments";
    "xendit", "Xendit key", "^xnd_(production|development)_{w20-}", ["xnd_product" "ion_ndQV0pslnFfoQ7Ly" "Urxf"], "docs.xendit.co/docs/authentication";
    "midtrans", "Midtrans server key", "Mid-server-{t16-}", ["Mid-serve" "r-Da8ZA66w3bzN38VK"], "docs.midtrans.com/docs/api-authorization-headers";
    "mercadopago", "Mercado Pago access token", "^(APP_USR|TEST)-{d12-}-{d6}-{x32}", ["APP_USR-334158867281" "-839164-05afe1c95412" "e59503453d21e5ff63b3"], "www.mercadopago.com/developers/en/docs/your-integrations/credentials";
    "pagarme", "Pagar.me API key", "^ak_(live|test)_{w24-}", ["ak_live_GC" "xuIW9Sl7kIzBdAv6nBBW" "MI"], "trufflehog pagarme";
    "cashfree", "Cashfree secret", "cfsk_ma_(prod|test)_{x32}_{x8}", ["cfsk_ma_prod_d5d79" "e6b0713998332c554a24" "09dea8c_23aa9b4c"], "www.cashfree.com/docs/api-reference/authentication";
    "paddle", "Paddle API key", "pdl_(live|sdbx)_apikey_{a20-}_{w20-}", ["pdl_live_apikey_fcg" "7r4d0ttawdmwqa88y_91" "SSB271u2ItNzFesKTq"], "developer.paddle.com/api-reference/about/api-keys";
    "polar", "Polar access token", "^polar_(oat|pat|at|rt)_{i30-}", ["polar_oat_UuR" "y4I9llTyEtvZp7ceQvWb" "qw3x659"], "docs.polar.sh/integrate/oat";
    "klarna", "Klarna API credential", "klarna_(live|test)_api_{s20-}", ["klarna_live_" "api_2hdCwo4KbxVUDL13" "iV7O"], "docs.klarna.com/api/authentication";
    "shopify", "Shopify token", "shp(at|ca|pa|ss|rt|at)_{X30-}", ["shpat_be49a5" "d57dedd56c3baecfcfc6" "e288"], "gitleaks shopify-access-token";
    "woocommerce", "WooCommerce REST key", "^(ck|cs)_{x40}$", ["ck_bc1be4a4497" "e876ab5e8b5e7ed69193" "5f4bd275d"], "woocommerce.github.io/woocommerce-rest-api-docs";
    "plaid", "Plaid access token", "(access|public|link)-(sandbox|development|production)-{uuid}", ["access-sandbox-2c" "4e60e8-ada6-29ea-dc8" "b-f9278574b3a8"], "gitleaks plaid-api-token";
    "shippo", "Shippo token", "shippo_(live|test)_{X40}", ["shippo_live_6b566" "8e8fbc08a0749eeef87e" "ac99491466d27b6"], "gitleaks shippo-api-token";
    "easypost", "EasyPost API key", "EZ(A|T)K{w50-}", ["EZAK6SswXHsnGErZ2H" "diAch9ZyzHqbDVtGfWNy" "FNyfzNYgTKmKHSit"], "gitleaks easypost-api-token";
    "duffel", "Duffel token", "duffel_(live|test)_{t40-}", ["duffel_live_FNBLC" "r99adkJ27zkYr5rLEOdd" "SX2yi8r3ha80mLz"], "gitleaks duffel-api-token";
    "ramp", "Ramp client secret", "ramp_sec_{w40-}", ["ramp_sec_qkKk4uB" "l7jK7kBlyuuMzI7LsPMX" "4tSzufy2xyQaj"], "trufflehog ramp";
    "flexport", "Flexport token", "shltm_{t40}", ["shltm_xwRFq2X6y" "Qbla348EtdMlBMjlh6Y8" "D4XCXjIGKZe"], "trufflehog flexport";
    "fleetbase", "Fleetbase API key", "flb_(live|test)_{w20}", ["flb_live_" "yclMVQaoNZ4Pb2OCKpQh"], "trufflehog fleetbase";
    "onfido", "Onfido API token", "^api_(live|sandbox)(_us|_ca|).{t10-}.{t20-}", ["api_live_us.fe" "Ek35WMG2.ZTaCBz8zQ96" "eSsGana1D"], "documentation.onfido.com/api/latest";
    "persona", "Persona API key", "^persona_(sandbox|production)_{w20-}", ["persona_sand" "box_0vfXSK1A8Hl5zS2p" "tLsf"], "docs.withpersona.com/api-keys";
    "stytch", "Stytch secret", "^secret-(live|test)-{t30-}", ["secret-live-i7" "ltOFm8W9h5hFAHmFxwEM" "6YneQkkK"], "stytch.com/docs/api/auth";
    "statsig", "Statsig server secret", "^secret-{w40-}", ["secret-KtYJAp0e" "hU8G4jBhRpz06jVLDlRD" "XhiaePoaAmi5"], "docs.statsig.com/api-reference";
    "checkout-short", "Checkout.com key of the current form", "^(sk|pk)_sbox_{a20-}", ["sk_sbox_" "svla49qu" "r3s6wwrw" "0wl2xv7j" "7k"], "www.checkout.com/docs/developer-resources/api/api-keys";
    "adyen", "Adyen API key", "^AQE{w100-}", ["AQEm1x72EsSfUQUAkNX7LHQ7AtNJX3OrUbmkLCNPloWRl" "OTcEokd5ihu9lEmJcADwyQNeLnpT5xawz8r2A3hS1Jx9c" "JNtgsIGv8Ls9w0iAA0KPIxDjkMyKE9m9iMfw05QayguK6" "NIjuO45KyBBoFsETyy926kMMqVtFqAbu8tF7sjEbhQN9C" "psc"], "docs.adyen.com/development-resources/api-credentials";
    "adyen-suffix", "Adyen API key with its suffix", "^AQE{b60-}-{b20-}=-", ["AQExU9z" "pjfmjpTpaG6NmrtajBK" "yQMviV7HQSUYdE828U4" "LAAAAgFRAdneoDkhwPd" "gaMjKgyQb-e8oQzjRrx" "PyFhh7GEFFufjgYwYrF" "6VkJboJyjVKbZJu=-"], "docs.adyen.com/development-resources/api-credentials";
    "checkout-live", "Checkout.com key of the current form, live", "^sk_{a26-28}$", ["sk_fqxk" "wovompzom7wbbr6qmw4" "wxfo"], "www.checkout.com/docs/developer-resources/api/api-keys";
}
