//! AI providers.

use super::{table, Family};

table! { AI:
    "openai", "OpenAI, DeepSeek key", "^sk-{w20-}", ["sk-tMVL" "g31n1LTMH9fPxI9g"], "platform.openai.com/docs/api-reference/authentication";
    "openai-project", "OpenAI project, service or admin key", "sk-(proj|svcacct|service|admin|None)-{t20-}", ["sk-proj-n" "KrK4tzQzwrDagfQaYDG"], "gitleaks openai-api-key";
    "anthropic", "Anthropic API key", "sk-ant-{t20-}", ["sk-ant-H6" "LSwN7L17JUsKG5uEen"], "gitleaks anthropic-api-key";
    "openrouter", "OpenRouter API key", "sk-or-{t20-}", ["sk-or-Km" "CbuVeY41V9Qe8UYz05"], "trufflehog openrouter";
    "langfuse", "Langfuse key", "(sk|pk)-lf-{uuid}", ["sk-lf-d5380f31" "-bbb3-6067-b3c8-b0cb" "24a0aa30"], "langfuse.com/docs/api-and-data-platform/features/public-api";
    "helicone", "Helicone API key", "^sk-helicone-{t16-}", ["sk-helico" "ne-Z0XcwknkvJfqDBwe"], "docs.helicone.ai/helicone-headers/helicone-auth";
    "huggingface", "Hugging Face token", "^(hf|api_org)_{w30-}", ["hf_vdtndTZq" "8PlXlBJDtjZ60XVXnjc3" "NF"], "gitleaks huggingface-access-token";
    "replicate", "Replicate API token", "^r8_{t36-}", ["r8_sw9GCWjrjF" "QFbWwyynqfjrw16l9QdH" "Z9LnoM"], "trufflehog replicate";
    "groq", "Groq API key", "gsk_{w40-}", ["gsk_iwnECxPoSM" "14PRmVNgGSHeaHcAb2G0" "AKjIjQvxa6"], "trufflehog groq";
    "perplexity", "Perplexity API key", "pplx-{w40-}", ["pplx-I7xeIiu6w3" "xUZ91ndnKhZC089IXpD2" "jGM58o5cwu"], "gitleaks perplexity-api-key";
    "xai", "xAI API key", "^xai-{i60-}", ["xai-0AmmOLafBTjPP35Nw" "6q323vNKBrR6kWIMYk81" "SHVPeHT9lMpFUmv0Vlfq" "RWy"], "trufflehog xai";
    "together", "Together AI key", "tgp_v1_{t40-}", ["tgp_v1_BSOphTPv" "3qnMe4GUAhsxLR67P4zs" "zUcr55injazG"], "docs.together.ai/reference/authentication";
    "fireworks", "Fireworks AI key", "^fw_{w22-}", ["fw_W84WJ" "u0mQup1YGr9vw52DF"], "docs.fireworks.ai/getting-started/quickstart";
    "cerebras", "Cerebras API key", "^csk-{a40-}", ["csk-mvg9srxf3i" "8967e4bchjcuisfm7h1p" "4v88tbwjy2"], "inference-docs.cerebras.ai/quickstart";
    "voyage", "Voyage AI key", "^pa-{t43}$", ["pa-N6C8jIs4brqQ" "7FUQEd3FgDd3yFYD8pZf" "O9AjACttvpN"], "docs.voyageai.com/docs/api-key-and-installation";
    "jina", "Jina AI key", "jina_{t50-}", ["jina_ErliI0nL92bDA" "7KXX5j74o7MzB92WCfVW" "poossHIkmdFFO3S7S"], "jina.ai/embeddings";
    "tavily", "Tavily API key", "^tvly-{t24-}", ["tvly-QVV9" "vfMjPlMF9e6nIg84m02S"], "docs.tavily.com/documentation/api-reference/introduction";
    "firecrawl", "Firecrawl API key", "^fc-{x32}$", ["fc-58a15891" "e3ce638d16f285e07e04" "1b3c"], "docs.firecrawl.dev/api-reference/introduction";
    "nvidia", "NVIDIA API key", "nvapi-{t60-}", ["nvapi-fZRnged2kyVwLcbm" "CslNlrWdi7cMhDLRXmhL" "Kc3w4fUJalyewO4OLwG2" "liji"], "trufflehog nvapi";
    "pinecone", "Pinecone API key", "pcsk_{w5-6}_{w60-}", ["pcsk_PgtI7_93JQOTUB8wW0" "6YEuI1JjADffhIgG5h25" "ghA4IVAQ0Sx0sPK5rBXw" "21fE7hIS"], "trufflehog pinecone";
    "langsmith", "LangSmith API key", "lsv2_(pt|sk)_{x32}_{x10}", ["lsv2_pt_12cd81b6b" "e6f528b9f75b5da507bd" "ce9_b23217994d"], "trufflehog langsmith";
    "langchain", "LangChain API key of the first form", "^ls__{x32}$", ["ls__1fd8c9b9" "30969857ef6c4776b57b" "15aa"], "docs.smith.langchain.com";
    "wandb", "Weights & Biases API key", "wandb_v1_{t40-}", ["wandb_v1_G2PbcZG" "AHh8AUueZ4rqXnS3WORP" "WzhBcjAl2vCvT"], "docs.wandb.ai/support/find_api_key";
    "cursor", "Cursor API key", "^key_{x64}$", ["key_e0cd157bde768d4d65" "6cc320f68e8bf6b7601b" "557a3facc9a7c9471bf6" "f85014"], "docs.cursor.com/en/account/teams/admin-api";
    "voiceflow", "Voiceflow API key", "^VF.(DM.|WS.|){x24}.{w16}", ["VF.DM.5974a105c" "2901c85fec09f0f.wPLi" "gayp5H7e1Zwn"], "trufflehog voiceflow";
}
