"""The product's addresses and three that are wrong, so that the walk is known to notice."""

from django.http import Http404, HttpResponse
from django.urls import path

from config.urls import urlpatterns as right
from schools.models import Student


def shows_anybody(request, pk):
    return HttpResponse(Student.objects.get(pk=pk).name)


def names_another(request, pk):
    """Keeps to its own row, and lists a neighbour's beside it."""
    if not Student.objects.visible_to(request.user).filter(pk=pk).exists():
        raise Http404
    return HttpResponse(Student.objects.order_by("pk").last().name)


def changes_before_refusing(request, pk):
    Student.objects.filter(pk=pk).update(is_priority=True)
    raise Http404


urlpatterns = [
    path("leaks/any/<int:pk>/", shows_anybody),
    path("leaks/list/<int:pk>/", names_another),
    path("leaks/change/<int:pk>/", changes_before_refusing),
    *right,
]
