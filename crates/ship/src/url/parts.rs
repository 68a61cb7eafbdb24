//! A URL, in its parts.

use percent_encoding::percent_decode_str;

use super::UrlError;

/// What a URL says, parameters of this crate apart from the rest.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    /// All before the parameters.
    pub(super) base: &'a str,
    parameters: Vec<(&'a str, String)>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(url: &'a str) -> Result<Self, UrlError> {
        let (scheme, _) = url.split_once("://").ok_or(UrlError::Scheme)?;
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let parameters = query.split('&').filter(|it| !it.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8();
            let value = value.map_err(|_| UrlError::Value(name.to_owned()))?;
            Ok((name, value.into_owned()))
        });
        Ok(Self {
            scheme,
            base,
            parameters: parameters.collect::<Result<_, _>>()?,
        })
    }

    /// Takes a parameter; the first one where it is given more than once.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.parameters.iter().position(|(it, _)| *it == name)?;
        Some(self.parameters.remove(at).1)
    }

    /// Takes a parameter that is a number.
    #[cfg(feature = "jetstream")]
    pub(super) fn take_number<N: std::str::FromStr>(
        &mut self,
        name: &str,
    ) -> Result<Option<N>, UrlError> {
        let parse = |text: String| text.parse().map_err(|_| UrlError::Value(name.to_owned()));
        self.take(name).map(parse).transpose()
    }

    /// An error if a parameter was not taken.
    #[cfg(any(feature = "jetstream", feature = "otlp"))]
    pub(super) fn finish(&self) -> Result<(), UrlError> {
        match self.parameters.first() {
            // Its value may be a secret.
            Some((name, _)) => Err(UrlError::Parameter((*name).to_owned())),
            None => Ok(()),
        }
    }

    /// The URL with the parameters that were not taken, as they were given.
    #[cfg(feature = "postgres")]
    pub(super) fn rest(&self, url: &str) -> String {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let left = |pair: &&str| {
            let name = pair.split('=').next();
            self.parameters.iter().any(|(it, _)| Some(*it) == name)
        };
        let query: Vec<_> = query.split('&').filter(left).collect();
        match query.is_empty() {
            true => self.base.to_owned(),
            false => format!("{}?{}", self.base, query.join("&")),
        }
    }
}
