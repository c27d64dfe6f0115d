"""Every setting, read from the environment; the defaults make the embedded demo run.

Production sets DEPLOYMENT=production, and `config/checks.py` then refuses unsafe values.
"""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF, UNSAFE_INLINE

from config.catalogues import with_catalogues
from config.tiles import origin_of

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if not env.bool("DEMO", False):  # the demo runs on nothing but its own files, whatever is deployed from here
    environ.Env.read_env(BASE_DIR / ".env")

# The embedded demo writes everything below one folder, so that removing it starts over.
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))

DEPLOYMENT = env.str("DEPLOYMENT", "embedded")  # "embedded" or "production"
PRODUCTION = DEPLOYMENT == "production"
DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
EMBEDDED_SECRET_KEY = "embedded-only-and-refused-in-production"
SECRET_KEY = env.str("SECRET_KEY", EMBEDDED_SECRET_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", ".localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# How addresses in mails and feeds are made: scheme and port, with each hub's own hostname.
PUBLIC_SCHEME = env.str("PUBLIC_SCHEME", "https" if PRODUCTION else "http")
PUBLIC_PORT = env.int("PUBLIC_PORT", 443 if PRODUCTION else 8000)

INSTALLED_APPS = [
    "config",
    "tasks",
    "cms",
    "insights",
    "placements",
    "opportunities",
    "employers",
    "schools",
    "hubs",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "js_lib_leaflet",
    "heroicons",
    "csp",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hubs.middleware.HubMiddleware",
    "cms.middleware.HubSiteMiddleware",
    "hubs.second_factor.SecondFactorMiddleware",
    "hubs.gate.AdminGateMiddleware",
    "cms.middleware.SiteRedirectMiddleware",
    "hubs.busy.BusyMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "hubs.context.portal",
            ],
        },
    },
]
FORM_RENDERER = "hubs.forms.PortalFormRenderer"

# ---- Data -------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'throughline.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(parents=True, exist_ok=True)  # SQLite makes its file, but not the folder
    # IMMEDIATE takes the write lock at BEGIN: the default, DEFERRED, dies of "database is
    # locked" when two processes upgrade a read to a write, and claims rows twice.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
        f"-c lock_timeout={env.int('LOCK_TIMEOUT_MS', 4000)} "
        f"-c statement_timeout={env.int('STATEMENT_TIMEOUT_MS', 20000)} "
        "-c jit=off"  # compiling what a worklist asks takes longer than the answer, each time anew
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "")
CACHES = {
    "default": (
        {
            "BACKEND": "hubs.forgiving_cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},  # seconds a page waits for it
        }
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(VAR_DIR / "cache"),
        }
    )
}

# ---- Celery (read by tasks/celery.py under the CELERY_ prefix) ---------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", REDIS_URL or "filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(VAR_DIR / "broker" / "queue"),
        "data_folder_out": str(VAR_DIR / "broker" / "queue"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
        "store_processed": False,
        "polling_interval": 0.2,
    }
    if CELERY_BROKER_URL.startswith("filesystem")
    # Without the two unacked settings a killed task came back only after about 100 s.
    else {"visibility_timeout": 300, "unacked_restore_interval": 10, "unacked_restore_throttle": 1}
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
DELIVER_EVERY_SECONDS = env.int("DELIVER_EVERY_SECONDS", 30)

# ---- People and sign-in -----------------------------------------------------
AUTH_USER_MODEL = "hubs.User"
AUTHENTICATION_BACKENDS = ["hubs.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", **options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"OPTIONS": {"min_length": 10}}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "hubs.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "hubs.account_forms.SignInForm",
    "add_email": "hubs.account_forms.AddEmailForm",
    "change_password": "hubs.account_forms.ChangePasswordForm",
    "set_password": "hubs.account_forms.SetPasswordForm",
    "reset_password": "hubs.account_forms.ResetPasswordForm",
    "reset_password_from_key": "hubs.account_forms.ResetPasswordKeyForm",
    "reauthenticate": "hubs.account_forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # mail scanners open every link
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Whoever finds a screen unlocked must not take the account along: addresses, second factors and API tokens are
# changed only within five minutes of saying the password (or a code) once more.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a change of password or second factor is told to its owner
ACCOUNT_DEFAULT_HTTP_PROTOCOL = PUBLIC_SCHEME
MFA_ADAPTER = "hubs.locked.MFAAdapter"
MFA_TOTP_ISSUER = "Throughline"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# Hub staff must have a second factor. The demo relaxes it and says so on its mail page.
HUB_STAFF_NEED_MFA = env.bool("HUB_STAFF_NEED_MFA", True)
INVITATION_DAYS = env.int("INVITATION_DAYS", 14)

# ---- Mail -------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
if env.str("EMAIL_URL", "") == "":
    EMAIL_BACKEND = "hubs.mailbox.MailboxBackend"  # each mail a file, shown at /demo/mail/
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 10)  # seconds; a change waits for a mail in hand
# Reports of mails that came back (hubs/webhooks.py). Without a key every report is refused.
MAILGUN_SIGNING_KEY = env.str("MAILGUN_SIGNING_KEY", "")
# Answers by mail (docs/answers.md): the address they come to, and the key that signs each one handed in.
INBOUND_ADDRESS = env.str("INBOUND_ADDRESS", "")
INBOUND_KEY = env.str("INBOUND_KEY", "")
# Text messages and WhatsApp (hubs/channels.py): off until an account is named.
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", "")
TWILIO_FROM = env.str("TWILIO_FROM", "")
TWILIO_STATUS_CALLBACK = env.str("TWILIO_STATUS_CALLBACK", "")
TWILIO_URL = env.str("TWILIO_URL", "https://api.twilio.com")
WHATSAPP_PHONE_ID = env.str("WHATSAPP_PHONE_ID", "")
WHATSAPP_TOKEN = env.str("WHATSAPP_TOKEN", "")
WHATSAPP_TEMPLATE = env.str("WHATSAPP_TEMPLATE", "")
WHATSAPP_APP_SECRET = env.str("WHATSAPP_APP_SECRET", "")
WHATSAPP_VERIFY_TOKEN = env.str("WHATSAPP_VERIFY_TOKEN", "")
WHATSAPP_URL = env.str("WHATSAPP_URL", "https://graph.facebook.com")
MAILBOX_DIR = VAR_DIR / "mail"
TEXTS_AS_FILES = DEMO and env.str("EMAIL_URL", "") == ""  # shown there, too, while no account is named
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Throughline <hub@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# ---- Languages and time -----------------------------------------------------
LANGUAGE_CODE = "en-gb"
# What anybody may read something in: the standards are translated as data, and hubs word their own mails.
CONTENT_LANGUAGES = [
    ("en-gb", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("pt-br", "Português (Brasil)"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
# Mails, texts, calendars and pages behind signed links are written in those of them that have a catalogue. The
# catalogues hold the sentences of these alone: other pages are framed in English, and call themselves no more.
MAIL_LANGUAGES = with_catalogues(CONTENT_LANGUAGES, LOCALE_PATHS[0], source=LANGUAGE_CODE)
LANGUAGES = [one for one in MAIL_LANGUAGES if one[0] == LANGUAGE_CODE]
WAGTAIL_CONTENT_LANGUAGES = WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # each hub and school has its own zone; nothing may lean on this one

# ---- Files ------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles"))
MEDIA_URL = "/media/"
MEDIA_ROOT = env.str("MEDIA_ROOT", str(VAR_DIR / "media"))
PRIVATE_ROOT = env.str("PRIVATE_ROOT", str(VAR_DIR / "private"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Uploads of people: never below a web root, always sent by a view that asked who it is.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "base_url": None},
    },
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_MAX_AGE = 31536000 if PRODUCTION else 3600
# Where clamd listens: unix:///run/clamav/clamd.ctl or tcp://clamav:3310. Nobody opens an uploaded paper before it
# has been scanned. Empty: there is no scanner, papers are checked by content alone, and the hub is told so.
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", "")
# A paper counts once the hub has looked at it. The demo holds it at once and says so.
UPLOADS_HELD_UNSCANNED = env.bool("UPLOADS_HELD_UNSCANNED", DEMO)
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o640

# ---- Wagtail ----------------------------------------------------------------
WAGTAIL_SITE_NAME = "Throughline"
WAGTAILADMIN_BASE_URL = env.str("WAGTAILADMIN_BASE_URL", f"{PUBLIC_SCHEME}://localhost:{PUBLIC_PORT}")
WAGTAIL_ENABLE_UPDATE_CHECK = False  # would call an outside service from the browser
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = ["pdf", "jpg", "jpeg", "png"]
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png"]
WAGTAILDOCS_DOCUMENT_FORM_BASE = "cms.forms_files.FileForm"
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.forms_files.PictureForm"
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_I18N_ENABLED = False
WAGTAIL_WORKFLOW_ENABLED = True
# Looking an address up among the pages would name pages of other hubs.
WAGTAILADMIN_EXTERNAL_LINK_CONVERSION = "none"

# ---- API --------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "hubs.second_factor.HasSecondFactor"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "hubs.paging.CursorPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "config.schema.VerbSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.str("API_RATE_ANON", "60/min"),
        "user": env.str("API_RATE_USER", "600/min"),
    },
    "EXCEPTION_HANDLER": "hubs.problems.problem_details",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Throughline API",
    "DESCRIPTION": "Everything a page does in the main job, for a client.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    # What stands under several names: the sizes of one employer and those a round asks, who signs and who must act.
    "ENUM_NAME_OVERRIDES": {
        "EmployerImportStateEnum": "employers.models.EmployerImport.State",
        "RequestStateEnum": "placements.models.PlacementRequest.State",
        "ImportKindEnum": "schools.models.Import.Kind",
        "ImportStateEnum": "schools.models.Import.State",
        "OpportunityStateEnum": "opportunities.models.Opportunity.State",
        "SizeEnum": "employers.models.Employer.Size",
        "PartyEnum": "hubs.models.Requirement.Party",
    },
}

# ---- Maps -------------------------------------------------------------------
# Pictures below the points, such as https://tiles.example.org/{z}/{x}/{y}.png, and whom its owners want named. Empty:
# points, names and rings on a plain ground, and no request leaves this host.
MAP_TILES = env.str("MAP_TILES", "")
MAP_TILES_CREDIT = env.str("MAP_TILES_CREDIT", "")
_PICTURES = [SELF, "data:", *origin_of(MAP_TILES)]

# ---- Safety -----------------------------------------------------------------
_STRICT = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": _PICTURES,
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    "manifest-src": [SELF],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": _STRICT}
# Only below the admin's path (hubs.middleware swaps it in): Wagtail 7.4 still writes inline
# scripts on some screens and previews pages in a frame.
ADMIN_CONTENT_SECURITY_POLICY = {
    **_STRICT,
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "frame-src": [SELF],
    "frame-ancestors": [SELF],
    "img-src": [*_PICTURES, "blob:"],
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31536000 if PRODUCTION else 0)
# Of the hub's own hostname, which nothing else may be served below without TLS; a hub at the top of a domain that has
# other hosts turns it off.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", PRODUCTION)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", False)
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
# Who calls is the address the proxy itself saw, which it puts last; without a proxy nobody's header is believed.
REST_FRAMEWORK["NUM_PROXIES"] = ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"

# Prometheus brings it as a bearer token to /metrics; empty: the address answers 404.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "filters": {"hide_tokens": {"()": "hubs.discreet_log.HideTokens"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env.str("LOG_FORMAT", "line"),
            "filters": ["hide_tokens"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # Two lines for each page saved, and nothing an operator could act on.
        "django_tasks": {"level": "WARNING"},
    },
}

KNOX_TOKEN_MODEL = "hubs.ApiToken"
# Its migrations would make a table that nothing uses, and that a flush could not empty.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": timedelta(days=env.int("API_TOKEN_DAYS", 180)),
    "AUTO_REFRESH": False,
}
