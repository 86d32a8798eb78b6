"""What must hold on every page whatever the story: no request leaves for elsewhere, no policy violated, no error in the console."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

INSIDE = ("data:", "blob:", "about:")  # no request to a machine at all
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violated: ${event.effectiveDirective} ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`));
"""


class Watch:
    """Collects faults of one browser context; ``faults`` stays empty or the test fails."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.faults: list[str] = []
        self.refused: set[str] = set()  # addresses that answered with a refusal, as the stories ask for
        context.add_init_script(TELL_VIOLATIONS)
        context.on("request", self._requested)
        context.on("response", self._answered)
        context.on("console", self._said)
        context.on("weberror", self._failed)

    def _requested(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if not request.url.startswith(INSIDE) and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.faults.append(f"a request left for {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.url} answered {response.status}")
        elif response.status >= 400 and response.request.is_navigation_request():
            self.refused.add(response.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        if message.text.startswith("Failed to load resource") and message.location.get("url") in self.refused:
            return  # the browser's remark on a page that says no, which is what was asked for
        self.faults.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def _failed(self, error: WebError) -> None:
        self.faults.append(f"a script failed: {error.error}")
