//! What is made of the list of architectures.

/// From a line for each architecture the enumerations of kinds, configurations and backbones, and their `match`es.
macro_rules! architectures {
    ($($(#[$doc:meta])* $name:ident: $module:ident::{$config:ident, $net:ident}, $class:literal;)+) => {
        /// Which architecture.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum TwinKind {
            $($(#[$doc])* #[serde(rename = $class)] $name,)+
        }

        impl TwinKind {
            /// All architectures.
            pub const ALL: [Self; [$(stringify!($name)),+].len()] = [$(Self::$name),+];

            /// What is the same for all its twins.
            pub fn about(self) -> &'static About {
                match self {
                    $(Self::$name => &$module::ABOUT,)+
                }
            }

            /// The original's name of its class.
            pub fn class(self) -> &'static str {
                match self {
                    $(Self::$name => $class,)+
                }
            }
        }

        /// The configuration of a twin of any architecture.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "class", content = "config")]
        pub enum TwinConfig {
            $($(#[$doc])* #[serde(rename = $class)] $name($module::$config),)+
        }

        impl TwinConfig {
            /// The published defaults of an architecture.
            pub fn default_of(kind: TwinKind) -> Self {
                match kind {
                    $(TwinKind::$name => Self::$name($module::$config::default()),)+
                }
            }

            /// Reads an architecture's keys; those left out have the published defaults.
            ///
            /// # Errors
            /// An unknown key, or a value of the wrong type.
            pub(crate) fn of_keys(
                kind: TwinKind,
                keys: Map<String, Json>,
            ) -> Result<Self, SettingError> {
                match kind {
                    $(TwinKind::$name => settings::from_object(keys).map(Self::$name),)+
                }
            }

            /// Requires values that a twin of the architecture can have.
            ///
            /// # Errors
            /// Names the first key whose value is impossible.
            pub(crate) fn check_settings(&self) -> Result<(), SettingError> {
                match self {
                    $(Self::$name(config) => settings::check(config),)+
                }
            }

            /// Which architecture.
            pub fn kind(&self) -> TwinKind {
                match self {
                    $(Self::$name(_) => TwinKind::$name,)+
                }
            }

            /// What the architecture tells of itself.
            pub fn architecture(&self) -> &dyn Architecture {
                match self {
                    $(Self::$name(config) => config,)+
                }
            }

            /// The same, to be changed.
            pub(crate) fn architecture_mut(&mut self) -> &mut dyn Architecture {
                match self {
                    $(Self::$name(config) => config,)+
                }
            }

            /// Draws the backbone's weights.
            pub(crate) fn backbone<B: Backend>(&self, init: &mut Init<'_, B>) -> Backbone<B> {
                match self {
                    $(Self::$name(config) => Backbone::$name(config.init(init)),)+
                }
            }
        }

        /// What turns the input into features.
        #[derive(Module, Debug)]
        pub enum Backbone<B: Backend> {
            $($(#[$doc])* $name($module::$net<B>),)+
        }

        impl<B: TwinBackend> Backbone<B> {
            /// What every backbone can do.
            pub fn features(&self) -> &dyn Features<B> {
                match self {
                    $(Self::$name(net) => net,)+
                }
            }
        }
    };
}

pub(super) use architectures;
