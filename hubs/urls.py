"""Addresses that belong to no organisation in particular."""

from django.urls import path

from hubs import views, views_account, views_demo, views_messages, views_people, views_texting, views_webhooks
from hubs.views_health import healthz, prometheus, readyz
from hubs.views_styleguide import style_guide

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", prometheus, name="metrics"),
    path("hooks/mailgun/", views_webhooks.mailgun, name="hook-mailgun"),
    path("hooks/twilio/", views_webhooks.twilio, name="hook-twilio"),
    path("hooks/whatsapp/", views_webhooks.whatsapp, name="hook-whatsapp"),
    path("theme.css", views.theme_css, name="theme"),
    path("style-guide/", style_guide, name="style-guide"),
    path("switch/", views_account.switch, name="switch"),
    path("account/", views_account.account, name="account"),
    path("account/tokens/", views_account.token_list, name="tokens"),
    path("account/tokens/<str:key>/revoke/", views_account.token_revoke, name="token-revoke"),
    path("account/messages/", views_messages.preferences, name="message-preferences"),
    path("account/texts/", views_texting.texts, name="texts"),
    path("u/<str:token>/", views_messages.unsubscribe, name="unsubscribe"),
    path("people/", views_people.people_list, name="people"),
    path("people/<int:pk>/", views_people.member, name="people-member"),
    path("people/<int:pk>/remove/", views_people.member_remove, name="people-remove"),
    path("people/invitations/<int:pk>/withdraw/", views_people.invitation_revoke, name="people-withdraw"),
    path("people/invitations/<int:pk>/again/", views_people.invitation_renew, name="people-again"),
    path("i/<str:token>/", views_account.invitation, name="invitation"),
    path("demo/mail/", views_demo.mail_list, name="demo-mail"),
    path("demo/mail/<str:key>/", views_demo.mail_one, name="demo-mail-one"),
    path("demo/mail/<str:key>/html/", views_demo.mail_html, name="demo-mail-html"),
    path("demo/mail/<str:key>/attachments/<int:number>/", views_demo.mail_attachment, name="demo-mail-attachment"),
]
