# What an execution shows beside its output, as notebooks do: the value of its last expression, what it
# hands to display(), and the figures that matplotlib holds.


def _display(tell):
    """Functions to run a program's text so, given one that takes bytes to be told the server: a line of
    JSON for each thing that is shown, {"kind", "data": {media type: text}}, images in base64."""
    # Not ast: that is what _ast says and much more, and each start pays for it.
    import _ast
    import builtins
    import sys
    import traceback
    import warnings

    FORMS = (
        ("text/html", "_repr_html_"),
        ("text/markdown", "_repr_markdown_"),
        ("text/latex", "_repr_latex_"),
        ("image/svg+xml", "_repr_svg_"),
        ("image/png", "_repr_png_"),
        ("image/jpeg", "_repr_jpeg_"),
        ("application/json", "_repr_json_"),
    )

    def text_of(value):
        if isinstance(value, bytes):
            import binascii
            return binascii.b2a_base64(value, newline=False).decode()
        return value if isinstance(value, str) else json_of(value)

    def json_of(value):
        import json
        return json.dumps(value)

    def forms(value):
        """The value in every form it has for itself, and as the text that repr() gives."""
        data = {"text/plain": repr(value)}
        if isinstance(value, type):
            return data
        for media_type, name in FORMS:
            method = getattr(type(value), name, None)
            form = None if method is None else method(value)
            if isinstance(form, tuple):
                # The form, and what is to be known about it.
                form = form[0]
            if form is not None:
                data[media_type] = text_of(form)
        return data

    def show(kind, value):
        try:
            line = json_of({"kind": kind, "data": forms(value)})
        except Exception as e:
            # A value that cannot be shown is a fault in what was run, and no reason to end it.
            traceback.print_exception(type(e), e, e.__traceback__)
        else:
            tell(line.encode() + b"\n")

    def display(*values):
        for value in values:
            show("display", value)

    class Figure:
        def __init__(self, figure):
            self.figure = figure

        def __repr__(self):
            return repr(self.figure)

        def _repr_png_(self):
            import io
            png = io.BytesIO()
            self.figure.savefig(png, format="png", bbox_inches="tight")
            return png.getvalue()

    def show_figures():
        plots = sys.modules.get("matplotlib.pyplot")
        if plots is None:
            return
        try:
            for number in plots.get_fignums():
                show("figure", Figure(plots.figure(number)))
            plots.close("all")
        except Exception as e:
            traceback.print_exception(type(e), e, e.__traceback__)

    def run(text, name, variables):
        tree = compile(text, name, "exec", _ast.PyCF_ONLY_AST)
        last = None
        if tree.body and isinstance(tree.body[-1], _ast.Expr) and not text.rstrip().endswith(";"):
            last = compile(_ast.Expression(tree.body.pop().value), name, "eval")
        exec(compile(tree, name, "exec"), variables)
        value = None if last is None else eval(last, variables)
        if value is not None:
            show("result", value)

    builtins.display = display
    # show() shows at the end of the execution, with all other figures.
    warnings.filterwarnings("ignore", message=".*non-interactive.*cannot be shown")
    return run, show_figures


