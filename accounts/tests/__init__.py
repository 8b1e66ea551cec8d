import pytest

pytest.register_assert_rewrite("accounts.tests.office_sweep")
