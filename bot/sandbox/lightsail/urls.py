"""Where the local Lightsail is found: read by moto, which looks for this file beside models.py."""

from bot.sandbox.lightsail.responses import LightsailResponse

url_bases = [r"https?://lightsail\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": LightsailResponse.dispatch}
