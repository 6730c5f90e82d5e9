"""Sign-in with OpenID Connect: django-allauth's provider, with what it leaves out checked too."""
