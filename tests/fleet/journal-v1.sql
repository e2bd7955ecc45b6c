BEGIN TRANSACTION;
CREATE TABLE blob (
	digest TEXT NOT NULL, 
	sealed BOOLEAN NOT NULL, 
	data BLOB NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "blob" VALUES('eef46741adfc3a9f76294d3b78f37a45f113092ac9d44ee77c7a038a88ff09a1',0,X'789CAB56CA2C49CD2D56B28A8EAD05001C230451');
INSERT INTO "blob" VALUES('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',0,X'789C030000000001');
CREATE TABLE lease (
	device TEXT NOT NULL, 
	tx TEXT NOT NULL, 
	who TEXT NOT NULL, 
	host TEXT NOT NULL, 
	boot TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	started INTEGER NOT NULL, 
	fence INTEGER NOT NULL, 
	expires FLOAT NOT NULL, 
	PRIMARY KEY (device)
);
INSERT INTO "lease" VALUES('m1','01a20ebd-acda-74c2-a049-9f2b9e651d1f','anna@noc','noc','3e9fb78a-6e08-4bb3-9fa1-62d0e0aef302 pid:[4026531836]',19240,3060133,1,0.0);
CREATE TABLE meta (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('schema','1');
CREATE TABLE part (
	id INTEGER NOT NULL, 
	tx TEXT NOT NULL, 
	device TEXT NOT NULL, 
	platform TEXT NOT NULL, 
	verb TEXT NOT NULL, 
	state TEXT NOT NULL, 
	"after" TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	noted TEXT, 
	result TEXT, 
	config TEXT, 
	native TEXT, 
	exact BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(tx) REFERENCES tx (id), 
	FOREIGN KEY(config) REFERENCES blob (digest), 
	FOREIGN KEY(native) REFERENCES blob (digest)
);
INSERT INTO "part" VALUES(1,'01a20ebd-acda-74c2-a049-9f2b9e651d1f','m1','memory','apply','applied','','{"device":"m1","platform":"memory","changes":[{"action":"create","before":null,"after":{"kind":"vlan","id":20,"name":null}}],"payload":["PUT /vlan/20 {\"id\": 20, \"kind\": \"vlan\", \"name\": null}"],"inverse":[{"action":"delete","before":{"kind":"vlan","id":20,"name":null},"after":null}],"guarantee":"atomic","guarantee_why":"the candidate becomes the configuration in one step, or not at all","timer":null,"impact":{"effects":[],"management":"unknown","why":"the driver does not tell","known":false},"kinds":["vlan"],"observed":"4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945","checked":"the platform has no checker","notes":[],"digest":"23937a6fa735b9915d24c4b3b98809f47e6b820cea4b2915218c84d2c724089c"}','{"device":"m1","platform":"memory","outcome":"applied","plan":"23937a6fa735b9915d24c4b3b98809f47e6b820cea4b2915218c84d2c724089c","changes":[{"action":"create","before":null,"after":{"kind":"vlan","id":20,"name":null}}],"sent":["POST /candidate","PUT /vlan/20 {\"id\": 20, \"kind\": \"vlan\", \"name\": null}","POST /candidate/commit"],"error":"","error_type":"","differences":[],"pending":[],"saved":true,"exact":null,"notes":[],"confirmed":null,"confirm_by":null,"timer":"","token":"","saves":true,"transaction":"","seconds":0.001}','{"device":"m1","platform":"memory","outcome":"applied","plan":"23937a6fa735b9915d24c4b3b98809f47e6b820cea4b2915218c84d2c724089c","changes":[{"action":"create","before":null,"after":{"kind":"vlan","id":20,"name":null}}],"sent":["POST /candidate","PUT /vlan/20 {\"id\": 20, \"kind\": \"vlan\", \"name\": null}","POST /candidate/commit"],"error":"","error_type":"","differences":[],"pending":[],"saved":true,"exact":null,"notes":[],"confirmed":null,"confirm_by":null,"timer":"","token":"","saves":true,"transaction":"","seconds":0.001}','eef46741adfc3a9f76294d3b78f37a45f113092ac9d44ee77c7a038a88ff09a1','e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',1);
CREATE TABLE step (
	part INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	sent FLOAT NOT NULL, 
	operation TEXT NOT NULL, 
	whole TEXT, 
	answered FLOAT, 
	answer TEXT NOT NULL, 
	error TEXT NOT NULL, 
	PRIMARY KEY (part, number), 
	FOREIGN KEY(part) REFERENCES part (id), 
	FOREIGN KEY(whole) REFERENCES blob (digest)
)
 WITHOUT ROWID

;
INSERT INTO "step" VALUES(1,1,1.79554364135399317737e+09,'vlan 20',NULL,1.79554364135801649096e+09,'ok','');
CREATE TABLE tx (
	id TEXT NOT NULL, 
	began FLOAT NOT NULL, 
	ended FLOAT, 
	who TEXT NOT NULL, 
	host TEXT NOT NULL, 
	boot TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	started INTEGER NOT NULL, 
	why TEXT NOT NULL, 
	ticket TEXT NOT NULL, 
	confirm_within FLOAT, 
	decision TEXT, 
	outcome TEXT, 
	error TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "tx" VALUES('01a20ebd-acda-74c2-a049-9f2b9e651d1f',1.79554364130700087548e+09,1.79554364137801218031e+09,'anna@noc','noc','3e9fb78a-6e08-4bb3-9fa1-62d0e0aef302 pid:[4026531836]',19240,3060133,'upgrade','CHG-7',60.0,NULL,'applied','');
CREATE INDEX ix_tx_ended ON tx (ended);
CREATE INDEX ix_tx_began ON tx (began);
CREATE INDEX ix_lease_tx ON lease (tx);
CREATE INDEX part_device ON part (device, id);
CREATE INDEX ix_part_tx ON part (tx);
COMMIT;
