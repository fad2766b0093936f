"""How moto comes to know the local Lightsail, without a change to moto."""

from __future__ import annotations

import re
import sys

from moto import backend_index
from moto.sts import urls as sts_urls

from bot.sandbox.lightsail import models, urls
from bot.sandbox.lightsail.sts import LocalTokenResponse

SERVICE = "lightsail"


def install() -> None:
    """Make moto serve Lightsail, in `mock_aws` and in its server; a second time changes nothing.

    moto 5.2 finds a service by importing `moto.<service>` and by matching `backend_url_patterns`,
    which a server reads when it is built: this must come first. Its STS answers by what `moto.sts.urls` names.
    """
    sys.modules[f"moto.{SERVICE}"] = models
    if all(service != SERVICE for service, _ in backend_index.backend_url_patterns):
        backend_index.backend_url_patterns += [(SERVICE, re.compile(base)) for base in urls.url_bases]
    sts_urls.url_paths["{0}/$"] = LocalTokenResponse.dispatch
