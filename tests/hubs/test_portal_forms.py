"""Forms say what is wrong, where, and how to mend it, and keep what was typed."""

from django import forms

from hubs.forms import PlainWords


class Ask(PlainWords, forms.Form):
    places = forms.IntegerField(label="Places", max_value=12, help_text="12 are left.")
    wish = forms.ChoiceField(label="Wish", choices=[("near", "Near")], widget=forms.RadioSelect)
    email = forms.EmailField(label="Answer to")
    agreed = forms.BooleanField(label="Agreed", error_messages={"required": "Ask the head of year first."})


def test_errors_say_how_to_mend_them():
    form = Ask({"places": "14", "email": "front-desk"})
    assert form.errors == {
        "places": ["12 at most; you gave 14."],
        "wish": ["Choose one."],
        "email": ["Write an address such as name@school.example."],
        "agreed": ["Ask the head of year first."],
    }


def test_plain_words_leave_other_forms_alone():
    Ask({})
    assert forms.Form.base_fields == {}
    assert forms.EmailField().error_messages["required"] == "This field is required."


def test_the_summary_links_to_each_field_and_keeps_what_was_typed():
    drawn = str(Ask({"places": "14", "email": "front-desk"}))
    for name in ("places", "wish", "email", "agreed"):
        assert drawn.count(f'href="#id_{name}"') == 1
        assert drawn.count(f'id="id_{name}"') == 1
        assert drawn.count(f'id="id_{name}_error"') == 1
    assert 'value="14"' in drawn
    assert 'value="front-desk"' in drawn
    assert 'aria-describedby="id_places_helptext id_places_error"' in drawn


def test_a_fresh_form_has_no_summary():
    assert "summary" not in str(Ask())


def test_drawn_forms_carry_no_inline_style_or_script():
    drawn = str(Ask({"places": "14"}))
    assert [word for word in ("style=", "<script", "onclick") if word in drawn] == []
