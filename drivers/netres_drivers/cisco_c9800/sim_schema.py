"""The part of the wireless configuration model of a Cisco Catalyst 9800 that is simulated.

Source: YangModels/yang, ``vendor/cisco/xe/17121`` (release 17.12.1): Cisco-IOS-XE-wireless-wlan-cfg, -ap-cfg and
-general-cfg: names, types, ranges and enumerations.
"""

from __future__ import annotations

from typing import Final

from netres.testing.sim.yang import schema

WLAN: Final = "Cisco-IOS-XE-wireless-wlan-cfg:wlan-cfg-data"
GENERAL: Final = "Cisco-IOS-XE-wireless-general-cfg:general-cfg-data"
_NAME: Final = "string /[!-~]([ -~]*[!-~])?/"
_CRYPT: Final = (
    "clear | sha | md5 | ike-aes | type7 | aes | "
    "clear-to-sha | clear-to-md5 | clear-to-ike-aes | clear-to-type7 | clear-to-aes"
)
SCHEMA: Final = schema(f"""
    Cisco-IOS-XE-wireless-general-cfg:general-cfg-data
      mewlc-config
        mewlc-platform = boolean
    Cisco-IOS-XE-wireless-ap-cfg:ap-cfg-data
      ap-tags
        ap-tag [ap-mac]
          ap-mac = string /[0-9a-fA-F]{{2}}(:[0-9a-fA-F]{{2}}){{5}}/
          policy-tag = string
          site-tag = string
          rf-tag = string
    Cisco-IOS-XE-wireless-wlan-cfg:wlan-cfg-data
      wlan-cfg-entries
        wlan-cfg-entry [profile-name]
          profile-name = {_NAME}
          wlan-id! = uint 1..4096
          description = string
          security-wpa = boolean
          wpa2-enabled = boolean
          wpa2-aes = boolean
          wpa3-enabled = boolean
          auth-key-mgmt-psk = boolean
          auth-key-mgmt-psk-sha256 = boolean
          auth-key-mgmt-dot1x = boolean
          auth-key-mgmt-dot1x-sha256 = boolean
          auth-key-mgmt-sae = boolean
          auth-key-mgmt-ft-sae = boolean
          auth-key-mgmt-ft-psk = boolean
          auth-key-mgmt-ft-dot1x = boolean
          akm-owe = boolean
          psk = string
          psk-type = {_CRYPT}
          psk-key-type = key-ascii | key-hex | key-invalid
          ft-mode = dot11r-disabled | dot11r-enabled | dot11r-adaptive-enabled
          ft-over-ds = boolean
          ft-reassoc-timeout = uint 1..100
          pmf-options = apf-vap-pmf-disabled | apf-vap-pmf-optional | apf-vap-pmf-required
          authentication-list = string
          authorization-list = string
          mac-filtering-list = string
          max-clients-allowed = uint 0..4294967295
          load-balance = boolean
          band-steering-allowed = boolean
          okc = boolean
          mbo = boolean
          wlan-11k-assisted-roaming = boolean
          wlan-11k-neigh-list = boolean
          wlan-11k-dual-band-neigh-list = boolean
          apf-vap-id-data
            ssid = string
            wlan-status = boolean
            broadcast-ssid = boolean
          apf-vap-802-11v-data
            dot11v-dms = boolean
            dot11v-bss-max-idle = boolean
            dot11v-bss-transition = boolean
            dot11v-disassoc-imminent = boolean
            dot11v-dual-list = boolean
            dot11v-tfs = boolean
            dot11v-wnm-sleep-mode = boolean
          wlan-radio-policies
            wlan-radio-policy [band]
              band = dot11-2-dot-4-ghz-band | dot11-5-ghz-band | dot11-6-ghz-band
              slot0 = boolean
              slot1 = boolean
              slot2 = boolean
      wlan-policies
        wlan-policy [policy-profile-name]
          policy-profile-name = {_NAME}
          description = string
          status = boolean
          interface-name = string
          passive-client = boolean
          wlan-switching-policy
            central-switching = boolean
            central-authentication = boolean
            central-dhcp = boolean
          wlan-timeout
            session-timeout = uint 0..86400
            idle-timeout = uint 15..100000
          aaa-policy-params
            aaa-override = boolean
      policy-list-entries
        policy-list-entry [tag-name]
          tag-name = {_NAME}
          description = string
          wlan-policies
            wlan-policy [wlan-profile-name]
              wlan-profile-name = string
              policy-profile-name! = string
""")
FACTORY: Final = f'{{"{GENERAL}": {{"mewlc-config": {{"mewlc-platform": false}}}}}}'
"""The controller is an appliance, and none that runs on an access point."""
