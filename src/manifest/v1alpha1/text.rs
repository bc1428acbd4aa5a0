//! Scalars as people write them: text with a format that `quantity` can read.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

macro_rules! text {
    ($name:ident, $format:literal, $types:tt, $pattern:literal, $examples:tt, $doc:literal) => {
        #[doc = $doc]
        #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The text as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": $types,
                    "format": $format,
                    "pattern": $pattern,
                    "examples": $examples,
                    "description": $doc,
                })
            }
        }
    };
}

text!(
    Name,
    "sitewright-name",
    ["string", "integer", "number"],
    "^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,254}$",
    ["booster", "fast-lane"],
    "A name: letters, digits and `_ . @ + -`, at most 255, not starting with `-` or `.`."
);
text!(
    Duration,
    "sitewright-duration",
    "string",
    "^([0-9]+-[0-9]{1,2}(:[0-9]{2}){0,2}|[0-9]+(:[0-9]{2}){2}|([0-9]+ ?(w|d|h|m|min|s) ?)+)$",
    ["12h", "30m", "2d", "1d12h", "1-12:00:00", "12:00:00"],
    "A time span: `12h`, `30m`, `2d`, `1d12h`, or as Slurm writes it: `D-HH:MM:SS`, `D-HH`, `HH:MM:SS`. `12:00:00` is twelve hours. A bare number is refused: it needs its unit."
);
text!(
    Memory,
    "sitewright-memory",
    "string",
    "^[0-9]+(\\.[0-9]+)? ?([kKMGTP]i?B?)$",
    ["512GB", "1TB", "257000MB"],
    "An amount of memory or disk: `512GB`, `512GiB`, `1TB`. Counted as Slurm counts, in steps of 1024: 1 GB = 1 GiB = 1024 MB. A bare number is refused: it needs its unit."
);
text!(
    Percent,
    "sitewright-percent",
    "string",
    "^[0-9]+(\\.[0-9]+)? ?%$",
    ["60%", "12.5%"],
    "A share in per cent, from `0%` to `100%`: `60%`, `12.5%`."
);
text!(
    Power,
    "sitewright-power",
    "string",
    "^[0-9]+(\\.[0-9]+)? ?(W|kW|MW|GW)$",
    ["6.1kW", "12MW"],
    "Electric power: `700W`, `6.1kW`, `12MW`."
);
text!(
    Rate,
    "sitewright-rate",
    "string",
    "^[0-9]+(\\.[0-9]+)? ?(Mb/s|Gb/s|Tb/s)$",
    ["400Gb/s", "1.6Tb/s"],
    "A network rate in bits: `400Gb/s`, `1.6Tb/s`."
);
text!(
    Date,
    "sitewright-date",
    "string",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    ["2026-04-01"],
    "A day: `2026-04-01` (year, month, day)."
);
text!(
    Factor,
    "sitewright-factor",
    ["string", "number"],
    "^[0-9]+(\\.[0-9]+)?$",
    ["1.0", "0.5"],
    "A factor, zero or more, with a decimal point: `0.5`. Kept exactly as written."
);
text!(
    Weight,
    "sitewright-weight",
    ["string", "number"],
    "^[0-9]+(\\.[0-9]+)?([KMGTP])?$",
    ["1.0", "0.25G"],
    "A billing weight: a factor, for memory with the unit it counts: `0.25G` is a quarter for each gigabyte."
);
text!(
    Amount,
    "sitewright-amount",
    ["string", "integer"],
    "^[0-9][0-9_]*(\\.[0-9]+)? ?([kKMGTP]i?B?)?$",
    ["4", "50_000", "500GB"],
    "An amount of a trackable resource: a whole number (`50_000`), for `mem` with its unit (`500GB`)."
);
text!(
    HostList,
    "sitewright-hosts",
    "string",
    "^[^\\s]+$",
    ["gpu[0001-0120]", "login1,login2"],
    "Hosts as Slurm people write them: `gpu[0001-0120]`, `cpu[1-4,7],login1`."
);
text!(
    Ports,
    "sitewright-ports",
    ["string", "integer"],
    "^(\\[[0-9,-]+\\]|[0-9]+)$",
    ["6818", "[17001-17004]"],
    "A port for all hosts (`6818`), or one for each in a range of the same length (`[17001-17004]`)."
);
text!(
    Country,
    "sitewright-country",
    "string",
    "^[A-Z]{2}$",
    ["FI", "NO"],
    "A country by its two letters (ISO 3166-1 alpha-2): `FI`. `NO` is Norway."
);
text!(
    Fairshare,
    "sitewright-fairshare",
    ["string", "integer"],
    "^(parent|[0-9][0-9_]*)$",
    ["100", "parent"],
    "Shares in the fair-share tree relative to the siblings, or `parent` to use the parent's. Default 1."
);
text!(
    Sharing,
    "sitewright-sharing",
    "string",
    "^(no|exclusive|user|topology|(yes|force)(:[0-9]+)?)$",
    ["exclusive", "no", "user", "topology", "yes:4", "force:2"],
    "Who shares a node: `no` (cores are not shared, nodes are), `exclusive` (whole nodes for one job), `user` (one user a node), `topology` (one job a topology block, Slurm 24.05), `yes:N` (jobs may ask to share cores), `force:N` (cores are shared by up to N jobs)."
);

/// A whole number, zero or more; thousands may be parted with `_`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Count(pub u64);

impl JsonSchema for Count {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["integer", "string"],
            "format": "sitewright-count",
            "minimum": 0,
            "pattern": "^[0-9][0-9_]*$",
            "examples": [64, 50_000],
            "description": "A whole number, zero or more; thousands may be parted with `_`.",
        })
    }
}

/// Text that stays as written whatever it looks like: `1.0`, `017`, `NO`, `on`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Verbatim(pub String);

impl From<&str> for Verbatim {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl JsonSchema for Verbatim {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Verbatim".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer", "number", "boolean"],
            "description": "Text, kept exactly as written.",
        })
    }
}
