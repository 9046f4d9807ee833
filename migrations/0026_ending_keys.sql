-- Keys of partners that end by themselves, the next one first: staff are told before a partner's page stops working.
CREATE INDEX partner_keys_ending ON partner_keys (expires_at) WHERE expires_at IS NOT NULL;
