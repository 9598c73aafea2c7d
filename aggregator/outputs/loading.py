"""Templates from directories, and what is wrong with one in words."""

from collections.abc import Callable

import jinja2


class Directory(jinja2.FileSystemLoader):
    """Loads the templates of one directory; what cannot be read is a mistake in its file."""

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return the text of a template; raises TemplateSyntaxError with file and line."""
        try:
            return super().get_source(environment, template)
        except jinja2.TemplateNotFound:  # an OSError
            raise
        except UnicodeDecodeError as fault:
            line = fault.object.count(b"\n", 0, fault.start) + 1
            raise self._mistake(template, line, "not written in UTF-8") from fault
        except OSError as fault:
            reason = fault.strerror or str(fault)
            raise self._mistake(template, 1, f"cannot be read: {reason}") from fault

    def _mistake(self, template: str, line: int, reason: str) -> jinja2.TemplateSyntaxError:
        return jinja2.TemplateSyntaxError(
            reason, line, template, f"{self.searchpath[0]}/{template}"
        )


def words(fault: Exception) -> str:
    """Return what went wrong while a template was rendered."""
    if isinstance(fault, RecursionError):
        return "templates include or extend one another without end"
    if isinstance(fault, jinja2.TemplateNotFound):
        return f"there is no template {fault.name!r}"
    return str(fault)
