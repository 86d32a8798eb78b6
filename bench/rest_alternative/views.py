"""The views of the alternative, in the way that Django REST framework's guide shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import include, path
from django.utils import timezone
from rest_framework import serializers, viewsets
from rest_framework.authentication import TokenAuthentication
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from rest_alternative.models import Issue, Line


class LineSerializer(serializers.ModelSerializer):
    class Meta:
        model = Line
        fields = "__all__"


class IssueSerializer(serializers.ModelSerializer):
    class Meta:
        model = Issue
        fields = "__all__"
        read_only_fields = ["assigned_to", "author", "version", "stage", "due_at", "closed_at"]


class WholeSerializer(IssueSerializer):
    journal = LineSerializer(many=True, read_only=True)


class ByDue(CursorPagination):
    ordering = ("due_at", "id")
    page_size = 25


class Issues(viewsets.ModelViewSet):
    authentication_classes = [TokenAuthentication]
    permission_classes = [IsAuthenticated]
    serializer_class = IssueSerializer
    pagination_class = ByDue

    def get_queryset(self) -> Any:
        rows = Issue.objects.all()
        return (
            rows.filter(assigned_to=self.request.user, closed_at=None)
            if self.action == "list"
            else rows.prefetch_related("journal")
        )

    def get_serializer_class(self) -> Any:
        return WholeSerializer if self.action == "retrieve" else IssueSerializer

    @transaction.atomic
    def perform_create(self, serializer: Any) -> None:
        who = self.request.user
        issue = serializer.save(author=who, assigned_to=who, due_at=timezone.now() + timedelta(hours=2))
        Line.objects.create(issue=issue, actor=who, stage=issue.stage, body=issue.fields)

    @action(detail=True, methods=["post"])
    @transaction.atomic
    def advance(self, request: Any, pk: int) -> Response:
        issue = Issue.objects.select_for_update().get(pk=pk)
        if issue.version != request.data["version"]:
            return Response({"detail": "somebody was faster"}, status=409)
        before, issue.stage = issue.stage, request.data["to"]
        issue.version += 1
        issue.due_at = timezone.now() + timedelta(days=5)
        issue.save()
        Line.objects.create(issue=issue, actor=request.user, from_stage=before, stage=issue.stage, body=request.data)
        return Response(IssueSerializer(issue).data)


router = DefaultRouter()
router.register("issues", Issues, basename="issue")
urlpatterns = [path("", include(router.urls))]
