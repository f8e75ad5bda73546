"""Small words for templates: icons, money, days."""

from django import template

register = template.Library()
